// core/boot: what the tests of this room share.
#pragma once

#include "core/flash/flash.hpp"

namespace sb::boot_testing {

/// A part that can be read but neither erased nor programmed any more, as a journal is that has reached its end.
class WornFlash final : public Flash {
public:
    explicit WornFlash(Flash& good) : good_(good) {}
    [[nodiscard]] const Geometry& geometry() const override { return good_.geometry(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override { return good_.read(offset, out); }
    [[nodiscard]] Result<void> program(std::uint32_t, Bytes) override { return fail(Error::io); }
    [[nodiscard]] Result<void> erase(std::uint32_t) override { return fail(Error::io); }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        return good_.is_blank(offset, length);
    }

private:
    Flash& good_;
};

}  // namespace sb::boot_testing
