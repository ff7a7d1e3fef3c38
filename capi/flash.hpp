// capi: parts and supply as callbacks, behind core's interfaces. Ranges are checked here, once, so that a callback sees
// only what lies in its part.
#pragma once

#include "capi/border.hpp"
#include "core/flash/flash.hpp"
#include "core/flash/supply.hpp"

namespace sb::capi {

class CallbackFlash final : public Flash {
public:
    /// Whether `part` can be one: callbacks, an erase map that adds up, a granule that core takes and that divides each
    /// unit.
    [[nodiscard]] static bool accepts(const switchback_flash& part);

    /// Requires: accepts(part); it outlives this.
    explicit CallbackFlash(const switchback_flash& part);

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;

private:
    [[nodiscard]] bool holds(std::uint32_t offset, std::size_t length) const {
        return offset <= geometry_.bytes && length <= geometry_.bytes - offset;
    }

    const switchback_flash& part_;
    Geometry geometry_;
};

class CallbackSupply final : public Supply {
public:
    CallbackSupply(bool (*is_low)(void*), void* context) : is_low_(is_low), context_(context) {}
    [[nodiscard]] bool low() override { return is_low_ != nullptr && is_low_(context_); }

private:
    bool (*is_low_)(void*);
    void* context_;
};

}  // namespace sb::capi
