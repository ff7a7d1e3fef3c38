// bootloader: text on the board's console.
#pragma once

#include <string_view>

#include "core/base/result.hpp"

namespace sb::bootloader {

void print(std::string_view text);
/// Decimal.
void print_number(std::uint32_t number);
/// "what: cause", and a line end.
void print_cause(std::string_view what, Error cause);

}  // namespace sb::bootloader
