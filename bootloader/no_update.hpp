// bootloader: for variants without a link. Where nothing may run there is nothing to wait for but the supply, or a
// debugger: it tries again.
#pragma once

#include "bootloader/device.hpp"
#include "bootloader/starts_at_once.hpp"
#include "ports/port.hpp"

namespace sb::bootloader {

struct NoUpdate : StartsAtOnce {
    /// Of variant::work_bytes: to hash and to move images in.
    static constexpr std::size_t work_bytes = 1024;

    [[noreturn]] static void serve(const Device& /*device*/, Journal& /*journal*/, const BootReport& /*report*/) {
        again();
    }
    [[noreturn]] static void without_identity(Error /*why*/) { again(); }

private:
    [[noreturn]] static void again() {
        constexpr std::uint32_t pause = 1'000'000;
        const std::uint32_t from = port::microseconds();
        while (port::microseconds() - from < pause) {
        }
        port::reset();
    }
};

}  // namespace sb::bootloader
