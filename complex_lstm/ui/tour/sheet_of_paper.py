"""The frame of the hand-out: everything that it needs is in it, and a section is not cut by the end of a sheet."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Guided tour: $window</title>
<style>
body { max-width: 800px; margin: 24px auto; padding: 0 16px; font: 15px/1.5 Georgia, serif; color: #111; background: #fff; }
h1, h2, h3, figcaption { font-family: system-ui, sans-serif; }
h2 { border-top: 1px solid #999; padding-top: 12px; }
h3 { font-size: 15px; margin-bottom: 4px; }
figure { margin: 0; }
figcaption { font-size: 11px; line-height: 1.3; }
img, svg { display: block; width: 100%; image-rendering: pixelated; }
.boxes { display: grid; grid-template-columns: repeat(8, 1fr); gap: 8px; }
.boxes img, .boxes svg { height: 48px; }
.opened div { position: relative; }
.opened img, .opened svg { height: 170px; }
.mark { position: absolute; box-sizing: border-box; border: 2px solid #000; outline: 1px solid #fff; min-width: 6px; min-height: 6px; }
.exhibit svg { height: 80px; margin-bottom: 8px; border-bottom: 1px solid #999; }
ol { padding-left: 20px; overflow-wrap: anywhere; }
math { font-size: 105%; }
.question { padding: 8px 12px; border: 1px solid #999; }
.question span { margin-right: 18px; }
.line { display: inline-block; width: 180px; height: 20px; border-bottom: 1px solid #111; }
@media print {
  body { margin: 0; max-width: none; }
  figure, .question, li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .answers { break-before: page; }
}
</style>
</head>
<body>
<h1>Guided tour</h1>
<p>$window, $steps. Every number is the model's own. In pictures blue is below zero and red above; of the gates purple is 0 and orange 1; of
attention dark is 0. A black frame marks the value whose arithmetic is written out.</p>
<div class="boxes">$boxes</div>
$pages
$answers
</body>
</html>
"""
