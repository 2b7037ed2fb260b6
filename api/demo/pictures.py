"""Draws the pictures under content/images; run it when their words change: python -m api.demo.pictures FONT_FILE.

They are kept ready-made because drawing Chinese needs a font, and the product carries none.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

FOLDER = Path(__file__).parent / "content" / "images"
_INK, _LINE, _HEAD = "#1f2933", "#9aa5b1", "#dde7f3"

BILL_TITLE = "江淮供电服务中心　电费结算单（8月）"
#: label, value, whether it is personal data
BILL_LINES = (
    ("户名", "淮安澄霁充电科技有限公司", False),
    ("户号", "3208 0000 1176", False),
    ("联系人", "傅强", True),
    ("手机", "19900009050", True),
    ("用电地址", "江苏省淮安市清江浦区示例路18号", True),
    ("扣款账号", "6222 0000 0000 0000 018", True),
)
BILL_TABLE = (
    ("时段", "电量（kWh）", "单价（元）", "金额（元）"),
    ("尖峰", "41,260", "1.3921", "57,438.05"),
    ("高峰", "68,930", "1.1268", "77,670.32"),
    ("平段", "52,400", "0.6687", "35,039.88"),
    ("低谷", "38,115", "0.2934", "11,182.94"),
    ("需量电费", "1,250 kW", "40.00", "50,000.00"),
    ("力调电费", "", "", "3,118.60"),
    ("合计", "200,705", "", "234,449.79"),
)
COMPARISON_TITLE = "扬州翊澄储能科技有限公司　产品对比表"
COMPARISON_TABLE = (
    ("参数", "单位", "我方 液冷储能柜", "恒泰储能", "数据来源"),
    ("响应时间", "ms", "180", "240", "第三方实测"),
    ("测量误差", "%", "0.9", "1.2", "第三方实测"),
    ("循环效率", "%", "92.4", "89.0", "第三方实测"),
    ("工作温度", "℃", "-30~55", "-20~45", "样本"),
)


def draw_bill(font_file: str, *, masked: bool) -> Image.Image:
    """A bill as a phone photographs it from a screen; masked: personal data painted over."""
    picture = Image.new("RGB", (960, 760), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((40, 30), BILL_TITLE, _INK, ImageFont.truetype(font_file, 30))
    body = ImageFont.truetype(font_file, 22)
    for place, (label, value, personal) in enumerate(BILL_LINES):
        top = 90 + place * 36
        pen.text((40, top), f"{label}：", _INK, body)
        pen.text((160, top), value, _INK, body)
        if personal and masked:
            pen.rectangle((158, top - 2, 620, top + 28), fill=_INK)
    _draw_table(pen, BILL_TABLE, body, top=330, widths=(180, 240, 200, 260))
    return picture


def draw_comparison(font_file: str) -> Image.Image:
    """A scanned comparison sheet that lacks the guarantee period."""
    picture = Image.new("RGB", (1080, 460), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((40, 30), COMPARISON_TITLE, _INK, ImageFont.truetype(font_file, 30))
    _draw_table(pen, COMPARISON_TABLE, ImageFont.truetype(font_file, 24), top=100, widths=(180, 110, 270, 200, 220))
    return picture


def _draw_table(
    pen: ImageDraw.ImageDraw,
    rows: tuple[tuple[str, ...], ...],
    font: ImageFont.FreeTypeFont,
    *,
    top: int,
    widths: tuple[int, ...],
) -> None:
    height = 48
    for line, row in enumerate(rows):
        left, upper = 40, top + line * height
        for text, width in zip(row, widths, strict=True):
            pen.rectangle((left, upper, left + width, upper + height), outline=_LINE, fill=None if line else _HEAD)
            pen.text((left + 12, upper + 10), text, _INK, font)
            left += width


def main(font_file: str) -> None:
    """Draw all pictures with a font that has Chinese characters."""
    FOLDER.mkdir(exist_ok=True)
    pictures = {
        "bill.png": draw_bill(font_file, masked=False),
        "bill_masked.png": draw_bill(font_file, masked=True),
        "comparison_scan.png": draw_comparison(font_file),
    }
    for name, picture in pictures.items():
        ImageOps.posterize(picture.convert("L"), 4).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
