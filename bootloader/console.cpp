#include "bootloader/console.hpp"

#include <array>

#include "core/base/error_name.hpp"
#include "ports/port.hpp"

namespace sb::bootloader {

void print(std::string_view text) {
    for (const char c : text) port::put_byte(static_cast<std::uint8_t>(c));
}

void print_number(std::uint32_t number) {
    std::array<char, 10> digits;
    std::size_t first = digits.size();
    do {
        digits[--first] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    print({digits.data() + first, digits.size() - first});
}

void print_cause(std::string_view what, Error cause) {
    print(what);
    print(": ");
    print(error_name(cause));
    print("\r\n");
}

}  // namespace sb::bootloader
