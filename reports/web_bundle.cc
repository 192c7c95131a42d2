#include "reports/web_bundle.h"

// The assembler reads the files while it builds this one; CMake names them (REPORT_DIST) and knows that the object
// depends on them. ELF only, as everything here.
asm(R"(
  .section .rodata
  .global gamenight_report_js, gamenight_report_js_end, gamenight_report_css, gamenight_report_css_end
gamenight_report_js:
  .incbin ")" REPORT_DIST R"(/report.js"
gamenight_report_js_end:
gamenight_report_css:
  .incbin ")" REPORT_DIST R"(/report.css"
gamenight_report_css_end:
  .byte 0
  .text
)");

extern "C" {
extern const char gamenight_report_js[];
extern const char gamenight_report_js_end[];
extern const char gamenight_report_css[];
extern const char gamenight_report_css_end[];
}

namespace report {

std::string_view report_js() { return {gamenight_report_js, gamenight_report_js_end}; }
std::string_view report_css() { return {gamenight_report_css, gamenight_report_css_end}; }

}  // namespace report
