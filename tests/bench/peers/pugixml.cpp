// Reads every file of a folder with pugixml into a record of strings, as a C++ program would.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <pugixml.hpp>
#include <string>
#include <vector>

struct Record {
    std::map<std::string, std::string> fields;
    std::vector<std::vector<std::string>> lines;
};

static const char *LINE[] = {"ItemName", "SpecMod", "MeaUnits", "Quantity", "UnPrice", "Amount",
                             "TaxRate", "ComTaxAm", "TotaltaxIncludedAmount", "TaxClassificationCode"};

// Every element below that holds a text, but for the lines.
static void gather(const pugi::xml_node &node, Record &record) {
    for (pugi::xml_node child : node.children()) {
        if (child.type() != pugi::node_element) continue;
        if (std::string_view(child.name()) == "IssuItemInformation") {
            std::vector<std::string> line;
            for (const char *name : LINE) line.emplace_back(child.child_value(name));
            record.lines.push_back(std::move(line));
        } else if (child.first_child().type() == pugi::node_pcdata) {
            record.fields.emplace(child.name(), child.child_value());
        } else {
            gather(child, record);
        }
    }
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    std::vector<std::string> files;
    for (auto &entry : std::filesystem::directory_iterator(arguments[1])) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    size_t invoices = 0, lines = 0;
    long long gross = 0;
    for (const auto &file : files) {
        pugi::xml_document document;
        if (!document.load_file(file.c_str())) return 1;
        Record record;
        gather(document, record);
        invoices += 1;
        lines += record.lines.size();
        const std::string &stated = record.fields["TotalTax-includedAmount"];
        size_t point = stated.find('.');
        std::string fen = stated.substr(0, point) + (point == std::string::npos ? "00" : stated.substr(point + 1, 2));
        gross += std::atoll(fen.c_str());
    }
    std::printf("result=%zu invoices, %zu lines, %lld\n", invoices, lines, gross);
    return 0;
}
