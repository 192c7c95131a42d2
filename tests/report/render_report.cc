// render_report RUN_JSON DECISIONS_NDJSON OUT_HTML: the library as a program, for the browser test.
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "reports/html_report.h"

namespace {

std::string read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: render_report RUN_JSON DECISIONS_NDJSON OUT_HTML\n";
    return 2;
  }
  const auto page =
      report::render_html(read(argv[1]), read(argv[2]), "gamenight run scenarios/grand-final.yaml --seed 1");
  if (!page) {
    std::cerr << page.error().message << "\n";
    return 2;
  }
  std::ofstream out(argv[3], std::ios::binary);
  out << *page;
  return out.flush() ? 0 : 70;
}
