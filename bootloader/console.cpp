#include "bootloader/console.hpp"

#include "core/base/error_name.hpp"
#include "ports/port.hpp"

namespace sb::bootloader {

void print(std::string_view text) {
    for (const char c : text) port::put_byte(static_cast<std::uint8_t>(c));
}

void print_cause(std::string_view what, Error cause) {
    print(what);
    print(": ");
    print(error_name(cause));
    print("\r\n");
}

}  // namespace sb::bootloader
