// capi: what a decoder's name in C stands for. Each is defined in a file of its own, so that an archive gives a program
// those that it lists, and no other.
#pragma once

#include "capi/switchback.h"
#include "core/delta/factory.hpp"

struct switchback_decoder {
    sb::DecoderEntry entry;
};

namespace sb::capi {

/// Decoders that C listed one by one, as core wants them.
class DecoderList {
public:
    /// False: there is no room.
    [[nodiscard]] bool add(const switchback_decoder& decoder) {
        if (count_ == entries_.size()) return false;
        entries_[count_++] = decoder.entry;
        return true;
    }
    [[nodiscard]] std::span<const DecoderEntry> all() const { return {entries_.data(), count_}; }
    [[nodiscard]] bool has(PayloadFormat format) const {
        for (const DecoderEntry& entry : all())
            if (entry.format == format) return true;
        return false;
    }

private:
    std::array<DecoderEntry, SWITCHBACK_MAX_DECODERS> entries_{};
    std::size_t count_ = 0;
};

}  // namespace sb::capi
