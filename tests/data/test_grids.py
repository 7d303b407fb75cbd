"""NetCDF and HDF5 as tables: what lies along one dimension are columns, along two a series each, and more is refused by name."""

import io
import sys

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray

from complex_lstm.data import examine, guess_roles, prepare_training, read_csv, suggest
from complex_lstm.errors import CsvError

ROWS = 200
HOURS = pd.date_range("1999-12-25", periods=ROWS, freq="h")
TEMP = 20 + np.sin(np.arange(ROWS) / 9)


def stored(data: xarray.Dataset, engine: str, **encoding: dict[str, object]) -> bytes:
    return bytes(data.to_netcdf(engine=engine, encoding=encoding))


@pytest.mark.parametrize("engine", ["scipy", "h5netcdf"])
def test_variables_along_one_dimension_are_columns_with_times_units_fill_and_scale(engine: str) -> None:
    cold = np.where(np.arange(ROWS) < 4, np.nan, TEMP)
    data = xarray.Dataset(
        {"temp": ("time", cold, {"units": "degC"}), "wind": ("time", 2 * TEMP, {"units": "m s-1"})}, {"time": HOURS, "lat": 41.9}
    )
    packed = {"dtype": "int16", "scale_factor": 0.01, "add_offset": 10.0, "_FillValue": -1}
    content = stored(data, engine, temp={"_FillValue": -9999.0}, wind=packed, time={"units": "hours since 1900-01-01", "dtype": "int32"})

    table = read_csv(content, "station.nc")

    assert list(table.frame) == ["time", "temp", "wind"] and table.units == {"temp": "degC", "wind": "m s-1"}
    assert (pd.to_datetime(table.frame["time"]).to_numpy() == HOURS.to_numpy()).all() and guess_roles(table).roles.time == "time"
    assert np.allclose(table.frame["temp"], cold, equal_nan=True) and np.allclose(table.frame["wind"], 2 * TEMP, atol=0.005)
    assert table.done == (
        "temp: 4 cells hold -9999, which the file says stands for no value, and are empty.",
        "wind is stored as whole numbers: times 0.01 plus 10, as the file says.",
        "One value for the whole file, and no column: lat.",
    )


@pytest.mark.parametrize("engine", ["scipy", "h5netcdf"])
def test_stations_are_series_under_their_names_whatever_the_order_of_the_dimensions(engine: str) -> None:
    values = TEMP + np.arange(3)[:, None]
    data = xarray.Dataset(
        {"temp": (("station", "time"), values), "rain": (("time", "station"), 2 * values.T), "height": ("station", [1.0, 2.0, 3.0])},
        {"time": HOURS, "name": ("station", np.array(["Roma", "Wien", "Köln"]))},
    )

    table = read_csv(stored(data, engine), "stations.nc")

    roles = guess_roles(table).roles
    dataset = prepare_training(table, roles, *suggest(table, roles))
    assert (roles.series, roles.time) == ("name", "time")
    assert [(one.name, len(one)) for one in dataset.series] == [("Roma", ROWS), ("Wien", ROWS), ("Köln", ROWS)]
    assert np.allclose(table.frame["temp"], values.ravel()) and np.allclose(table.frame["rain"], 2 * values.ravel())
    assert table.done[-1] == "Along other dimensions, and left out: height."


def test_a_place_of_a_map_is_a_table_and_a_map_is_refused_with_its_dimensions() -> None:
    values = np.zeros((ROWS, 2, 3))
    data = xarray.Dataset({"t2m": (("time", "lat", "lon"), values)}, {"time": HOURS, "lat": [41.0, 42.0], "lon": [12.0, 13.0, 14.0]})

    place = read_csv(stored(data.isel(lat=[0], lon=[0]), "h5netcdf"), "era5.nc")

    assert list(place.frame) == ["time", "t2m"]
    with pytest.raises(CsvError, match=r"three or more dimensions: t2m \(time, lat, lon\)\. Choose one place with xarray"):
        examine(stored(data, "h5netcdf"), "era5.nc")


def test_bounds_and_spectra_beside_a_table_are_left_out_and_named() -> None:
    data = xarray.Dataset(
        {"temp": ("time", TEMP), "wind": ("time", TEMP), "ends": (("time", "bnds"), np.zeros((ROWS, 2))),
         "spectrum": (("time", "frequency"), np.zeros((ROWS, 30)))}, {"time": HOURS},
    )  # fmt: skip

    table = read_csv(stored(data, "h5netcdf"), "buoy.nc")

    assert list(table.frame) == ["time", "temp", "wind"]
    assert table.done == ("Along other dimensions, and left out: ends, spectrum.",)


def test_times_of_a_calendar_that_no_clock_has_stay_numbers_and_that_is_said() -> None:
    about = {"units": "days since 2001-01-01", "calendar": "360_day"}
    data = xarray.Dataset({"x": ("time", TEMP)}, {"time": ("time", np.arange(ROWS), about)})

    table = read_csv(stored(data, "scipy"), "model.nc")

    assert table.frame["time"].tolist() == list(range(ROWS)) and guess_roles(table).roles.time == "time"
    assert table.done == ("Its times are of a calendar that no clock has, or of no known unit: they stay numbers.",)


def test_a_group_of_hdf5_is_chosen_by_the_switch_and_records_are_columns() -> None:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["temp"], file["wind"] = TEMP, 2 * TEMP
        file["run/records"] = np.array([(step, step / 2) for step in range(20)], dtype=[("step", "i4"), ("level", "f8")])

    first, run = read_csv(content.getvalue(), "log.h5"), read_csv(content.getvalue(), "log.h5", member="/run")

    assert list(first.frame) == ["temp", "wind"] and first.reading.member == "/"
    assert [one.alternatives for one in first.findings if one.switch == "member"] == [("/run",)]
    assert run.frame.to_dict("list") == {"step": list(range(20)), "level": [step / 2 for step in range(20)]}
    assert read_csv(content.getvalue(), "log.h5", run.reading).frame.equals(run.frame)
    with pytest.raises(CsvError, match=r"log.h5 has no group '/x' with variables; it has '/', '/run'. Choose one of them."):
        read_csv(content.getvalue(), "log.h5", member="/x")


@pytest.mark.parametrize("engine", ["scipy", "h5netcdf"])
@pytest.mark.parametrize("size", [8, 300, 2000])
def test_a_file_that_was_cut_is_told_as_damaged(engine: str, size: int) -> None:
    content = stored(xarray.Dataset({"x": ("time", TEMP)}, {"time": HOURS}), engine)

    with pytest.raises(CsvError, match="cut.nc is a damaged NetCDF or HDF5 file, or holds no table: "):
        read_csv(content[:size], "cut.nc")


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    content = stored(xarray.Dataset({"x": ("time", TEMP)}, {"time": HOURS}), "scipy")
    monkeypatch.setitem(sys.modules, "xarray", None)  # as if it were not installed

    with pytest.raises(CsvError, match=r"pip install 'complex-lstm-explorer\[netcdf\]'"):
        read_csv(content, "t.nc")


def hdf5(**arrays: np.ndarray) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return content.getvalue()


CUBE = np.random.default_rng(1).normal(size=(12, 50, 6)).round(3)
KINDS = np.arange(12) % 3


@pytest.mark.parametrize(
    ("arrays", "order"),
    [
        ({"X": CUBE, "y": KINDS}, "12 × 50 × 6, and is read as series × time × feature"),
        ({"X": CUBE.transpose(0, 2, 1), "y": KINDS}, "12 × 6 × 50, and is read as series × feature × time"),
        ({"X": CUBE, "y": KINDS[:, None]}, "12 × 50 × 6, and is read as series × time × feature"),
        ({"X": CUBE, "y": np.repeat(KINDS, 50).reshape(12, 50)}, "12 × 50 × 6, and is read as series × time × feature"),
    ],
)
def test_an_array_of_three_dimensions_is_read_as_series_and_that_is_said(arrays: dict[str, np.ndarray], order: str) -> None:
    table = read_csv(hdf5(**arrays), "train.h5")

    frame = table.frame
    assert list(frame) == ["series", "step", *(f"X {n}" for n in range(1, 7)), "y"] and len(frame) == 600
    assert np.allclose(frame.loc[frame["series"] == 3, "X 5"], CUBE[2, :, 4])
    assert frame.groupby("series")["y"].first().tolist() == KINDS.tolist()
    assert any(order in words and "If they mean something else, save X.transpose" in words for words in table.done)
    roles = guess_roles(table).roles
    assert (roles.series, roles.time, roles.targets) == ("series", "step", ("y",))


def test_an_array_of_three_long_dimensions_is_refused_with_what_is_what() -> None:
    with pytest.raises(CsvError, match=r"X has three dimensions without names, 60 × 80 × 70.*series × time × feature"):
        read_csv(hdf5(X=np.zeros((60, 80, 70))), "x.h5")


def test_what_lies_along_no_dimension_of_the_array_is_named() -> None:
    done = read_csv(hdf5(X=CUBE, mean=np.zeros((7, 9))), "x.h5").done

    assert any("left out: mean" in words for words in done)
