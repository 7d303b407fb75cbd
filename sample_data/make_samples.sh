#!/bin/sh
# Remakes the planted files and the five checkpoints. Run it where complex_lstm is installed or importable, from
# anywhere; give names to remake only some: sample_data/make_samples.sh japanese_vowels
# One thread each: a second gains models of this size nothing. Another machine's rounding makes slightly other weights.
set -eu
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=1

planted_order() {
    python - <<'PYTHON'
from complex_lstm.data.planted import cause_frame, make_planted, planted_frame

planted = make_planted("order", 640, seed=0)
planted_frame(planted).to_csv("sample_data/planted_order.csv", index=False)
cause_frame(planted).to_csv("sample_data/planted_order_cells.csv", index=False)
PYTHON
    python -m complex_lstm train \
        --data sample_data/planted_order.csv --out sample_data/planted_order.safetensors \
        --hidden 32 --dropout 0.1 --epochs 40 --patience 40 --batch-size 32 --learning-rate 0.003
    python -m complex_lstm train --shuffle-labels \
        --data sample_data/planted_order.csv --out sample_data/planted_order_shuffled.safetensors \
        --hidden 32 --dropout 0.1 --epochs 40 --batch-size 32 --learning-rate 0.003
}

# 640 series are too few to learn this from, so the model learns from 12,000 others, which need not ship.
planted_shape() {
    folder=$(mktemp -d)
    python - "$folder" <<'PYTHON'
import sys

from complex_lstm.data.planted import cause_frame, make_planted, planted_frame

planted = make_planted("shape", 640, seed=0)
planted_frame(planted).to_csv("sample_data/planted_shape.csv", index=False)
cause_frame(planted).to_csv("sample_data/planted_shape_cells.csv", index=False)
planted_frame(make_planted("shape", 12_000, seed=1)).to_csv(f"{sys.argv[1]}/planted_shape_training.csv", index=False)
PYTHON
    (
        export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"
        cd "$folder"
        python -m complex_lstm train \
            --data planted_shape_training.csv --out planted_shape.safetensors \
            --validation 0.05 --test 0.05 \
            --hidden 32 --dropout 0 --epochs 24 --patience 24 --batch-size 64 --learning-rate 0.001 --noise 0.2 --jitter 0.1
    )
    mv "$folder/planted_shape.safetensors" sample_data/
    rm -r "$folder"
}

japanese_vowels() {
    python -m complex_lstm train \
        --data sample_data/japanese_vowels.csv --out sample_data/japanese_vowels.safetensors \
        --validation 0 --test 0.1 \
        --hidden 64 --dropout 0.2 --epochs 40 --batch-size 16 --noise 0.2 --jitter 0.1 --warp 0.15 --label-smoothing 0.1
}

shoulder_exercises() {
    python -m complex_lstm train \
        --data sample_data/shoulder_exercises.csv --out sample_data/shoulder_exercises.safetensors \
        --group subject --window 100 --stride 25 --validation 0 --test 0.15 \
        --hidden 64 --dropout 0.2 --epochs 10 --batch-size 16 --noise 0.1 --jitter 0.1 --label-smoothing 0.05
}

nyc_weather() {
    python -m complex_lstm train \
        --data sample_data/nyc_weather.csv --out sample_data/nyc_weather.safetensors \
        --target temp,humid,pressure --task values --change --window 48 --stride 1 --validation 0 --test 0.05 \
        --unit temp=°F --unit dewp=°F --unit humid=% --unit wind_dir=° --unit wind_speed=mph --unit wind_gust=mph \
        --unit precip=in --unit pressure=mbar --unit visib=mi \
        --hidden 64 --dropout 0.1 --epochs 5 --batch-size 64
}

[ $# -gt 0 ] || set -- planted_order planted_shape japanese_vowels shoulder_exercises nyc_weather
for sample in "$@"; do
    "$sample"
done
