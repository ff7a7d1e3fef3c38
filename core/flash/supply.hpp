// core/flash: care for a low battery. An erase is the longest and hungriest thing a flash part does: one that the
// supply does not outlast leaves cells that read as they like. A port that can measure its supply wraps the parts that
// hold slots, and no erase of theirs begins while the supply is low. The journal's part stays as it is: its records say
// why an update waits.
#pragma once

#include "core/flash/flash.hpp"

namespace sb {

/// What a port knows of its supply.
class Supply {
public:
    /// Whether an erase should not begin now: below the layout's threshold, or what the port takes for that.
    [[nodiscard]] virtual bool low() = 0;

protected:
    ~Supply() = default;
};

/// A part whose erases fail with Error::low_battery, and change nothing, while the supply is low.
class SparingFlash final : public Flash {
public:
    SparingFlash(Flash& part, Supply& supply) : part_(part), supply_(supply) {}

    [[nodiscard]] const Geometry& geometry() const override { return part_.geometry(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override { return part_.read(offset, out); }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        return part_.program(offset, data);
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override {
        return supply_.low() ? fail(Error::low_battery) : part_.erase(offset);
    }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        return part_.is_blank(offset, length);
    }

private:
    Flash& part_;
    Supply& supply_;
};

}  // namespace sb
