// The built page code of reports/web/dist, carried inside the library.
#pragma once

#include <string_view>

namespace report {

std::string_view report_js();
std::string_view report_css();

}  // namespace report
