"""Reads every file of a folder with lxml into a record."""
import os
import sys
from decimal import Decimal

from lxml import etree

folder = sys.argv[1]
invoices = lines = 0
gross = Decimal(0)
for name in sorted(os.listdir(folder)):
    root = etree.parse(os.path.join(folder, name)).getroot()
    record = {element.tag: element.text for element in root.iter() if len(element) == 0}
    invoices += 1
    lines += len([{field.tag: field.text for field in line} for line in root.iter("IssuItemInformation")])
    gross += Decimal(record["TotalTax-includedAmount"])
print(f"result={invoices} invoices, {lines} lines, {int(gross * 100)}")
