"""Reads the invoice that is attached to every OFD of a folder, with Python's own libraries."""
import os
import sys
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

folder = sys.argv[1]
invoices = numbers = 0
gross = Decimal(0)
for name in sorted(os.listdir(folder)):
    with zipfile.ZipFile(os.path.join(folder, name)) as package:
        attached = next(part for part in package.namelist() if part.endswith("original_invoice.xml"))
        root = ElementTree.fromstring(package.read(attached))
    record = {element.tag.rsplit("}", 1)[-1]: element.text for element in root.iter() if len(element) == 0}
    number = record.get("InvoiceNumber") or record["InvoiceNo"]
    amount = record.get("TaxInclusiveTotalAmount") or record["TotalTax-includedAmount"]
    invoices += 1
    numbers += int(number[-9:])
    gross += Decimal(amount)
print(f"result={invoices} invoices, {numbers}, {int(gross * 100)}")
