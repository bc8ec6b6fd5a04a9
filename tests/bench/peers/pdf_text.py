"""Number and 价税合计 in the text of an invoice's page."""
import re
from decimal import Decimal

NUMBER = re.compile(r"(?<!\d)\d{20}(?!\d)")
AMOUNT = re.compile(r"[¥￥]\s*(-?[\d,]+\.\d\d)")


def stated(text):
    """The largest amount by size is the one with the tax in it."""
    amounts = [Decimal(amount.replace(",", "")) for amount in AMOUNT.findall(text)]
    return int(NUMBER.search(text).group()[-9:]), max(amounts, key=abs)
