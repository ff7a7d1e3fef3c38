// core/delta/sbd: what bytes are predicted from: the old image, and behind it what is already made of the new one.
// Both kinds of source answer the same: byte(at) and word(at) (little endian, 4 bytes) at any place, 0 where there is
// nothing, or nothing yet, or nothing that may be read any more.
#pragma once

#include <bit>

#include "core/base/reader.hpp"

namespace sb::sbd {

/// Both images in memory; of the new one only what has been made counts.
class MemorySource {
public:
    /// For encoders, which have the new image already.
    MemorySource(Bytes old_image, Bytes new_image) : old_(old_image), new_(new_image) {}
    /// For decoders: put() writes to `new_image`.
    MemorySource(Bytes old_image, MutableBytes new_image)
        : old_(old_image), new_(new_image), written_(new_image.data()) {}

    /// Bytes of the new image below `bytes` are made.
    void set_made(std::uint32_t bytes) { made_ = bytes; }
    /// The old image is gone below `offset`: it is overwritten in place.
    void set_old_from(std::uint32_t offset) { old_from_ = offset; }

    [[nodiscard]] std::uint8_t byte(std::uint32_t at) const {
        if (at < old_.size()) return at < old_from_ ? std::uint8_t{0} : old_[at];
        at -= static_cast<std::uint32_t>(old_.size());
        return at < made_ ? new_[at] : std::uint8_t{0};
    }
    [[nodiscard]] std::uint32_t word(std::uint32_t at) const {
        if (at >= old_from_ && at < old_.size() && old_.size() - at >= 4) {
            std::uint32_t value = 0;
            std::memcpy(&value, old_.data() + at, sizeof value);
            if constexpr (std::endian::native == std::endian::little) return value;
        }
        return byte(at) | static_cast<std::uint32_t>(byte(at + 1)) << 8 |
               static_cast<std::uint32_t>(byte(at + 2)) << 16 | static_cast<std::uint32_t>(byte(at + 3)) << 24;
    }
    void put(std::uint32_t new_at, std::uint8_t value) {
        if (written_ != nullptr) written_[new_at] = value;
        made_ = new_at + 1;
    }

private:
    Bytes old_;
    Bytes new_;
    std::uint8_t* written_ = nullptr;
    std::uint32_t made_ = 0;
    std::uint32_t old_from_ = 0;
};

/// Images that are read through readers, a line at a time: one line for the old image, one for the new.
class CachedSource {
public:
    static constexpr std::uint32_t line_bytes = 32;

    /// `made` reads the new image as far as it was handed over before the current call.
    CachedSource(Reader& old_image, Reader& made) : readers_{&old_image, &made} { forget(); }
    /// Bytes of it that count; those of the reader may be more. Requires: it has them.
    void set_old_bytes(std::uint32_t bytes) { old_bytes_ = bytes; }

    /// A call of decode() begins: what it makes from `new_at` on goes to `out`.
    void begin_call(std::uint32_t new_at, std::uint8_t* out) {
        call_from_ = made_ = new_at;
        out_ = out;
    }
    void put(std::uint32_t new_at, std::uint8_t value) {
        out_[new_at - call_from_] = value;
        made_ = new_at + 1;
    }
    void set_old_from(std::uint32_t offset) {
        old_from_ = offset < old_bytes_ ? offset : old_bytes_;  // the new image is never gone
        forget();
    }
    /// After a jump back in the new image: nothing that was read before counts.
    void forget() {
        for (Line& line : lines_) line.held = 0;
    }

    [[nodiscard]] std::uint8_t byte(std::uint32_t at) {
        const Line& line = lines_[at < old_bytes_ ? 0 : 1];
        const std::uint32_t into = at - line.from;
        return into < line.held ? line.bytes[into] : far_byte(at);
    }
    [[nodiscard]] std::uint32_t word(std::uint32_t at) {
        const Line& line = lines_[at < old_bytes_ ? 0 : 1];
        const std::uint32_t into = at - line.from;
        if (into < line.held && line.held - into >= 4) {
            const std::uint8_t* const first = line.bytes.data() + into;
            return std::uint32_t{first[0]} | std::uint32_t{first[1]} << 8 | std::uint32_t{first[2]} << 16 |
                   std::uint32_t{first[3]} << 24;
        }
        std::uint32_t value = 0;
        for (std::uint32_t k = 4; k-- != 0;) value = value << 8 | byte(at + k);
        return value;
    }

    /// The first failure to read, and none from then on.
    [[nodiscard]] Error take_error() {
        const Error error = error_;
        error_ = Error::none;
        return error;
    }

private:
    struct Line {
        std::uint32_t from;  // in old ++ new
        std::uint32_t held;
        std::array<std::uint8_t, line_bytes> bytes;
    };

    /// A byte that no line holds. Reads the line around it, if it is to be read at all.
    [[nodiscard, gnu::noinline]] std::uint8_t far_byte(std::uint32_t at) {
        if (at < old_from_) return 0;
        std::uint32_t origin = 0, first = old_from_, end = old_bytes_;
        const bool made = at >= old_bytes_;
        if (made) {
            const std::uint32_t position = at - old_bytes_;
            if (position >= made_) return 0;
            if (position >= call_from_) return out_[position - call_from_];
            origin = first = old_bytes_;
            end += call_from_;
        }
        Line& line = lines_[made ? 1 : 0];
        line.from = at & ~(line_bytes - 1);
        if (line.from < first) line.from = first;
        line.held = end - line.from < line_bytes ? end - line.from : line_bytes;
        const auto read = readers_[made ? 1 : 0]->read(line.from - origin, MutableBytes(line.bytes).first(line.held));
        if (!read) {
            line.held = 0;
            error_ = read.error();
            return 0;
        }
        return line.bytes[at - line.from];
    }

    std::array<Reader*, 2> readers_;  // of the old image, and of the new one
    std::uint32_t old_bytes_ = 0;
    std::uint32_t old_from_ = 0;
    std::uint32_t call_from_ = 0;
    std::uint32_t made_ = 0;
    std::uint8_t* out_ = nullptr;
    Error error_ = Error::none;
    std::array<Line, 2> lines_;
};

}  // namespace sb::sbd
