"""Reads the text of every PDF of a folder with PyMuPDF."""
import os
import sys
from decimal import Decimal

import fitz
from pdf_text import stated

folder = sys.argv[1]
invoices = numbers = 0
gross = Decimal(0)
for name in sorted(os.listdir(folder)):
    with fitz.open(os.path.join(folder, name)) as document:
        number, amount = stated("\n".join(page.get_text() for page in document))
    invoices += 1
    numbers += number
    gross += amount
print(f"result={invoices} invoices, {numbers}, {int(gross * 100)}")
