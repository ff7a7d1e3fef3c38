// core/delta/sbd: what the tests of this room share: an image that remembers where it was read; two builds of a program
// of any architecture, in which calls were moved; and a device that decodes a patch, which reads back what it has made.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "core/delta/all_decoders.hpp"
#include "core/delta/testing.hpp"

namespace sb::sbd_testing {

using delta_testing::Buffer;
using delta_testing::Outcome;
using delta_testing::Pair;
using delta_testing::Random;
using sbd::Architecture;
using sbd::Budget;

/// An architecture and a call in it: what its bytes are before it is told where to.
struct Calls {
    Architecture architecture;
    const char* name;
    std::uint32_t raw;
    std::uint32_t base = 0;    ///< where code must be loaded
    std::uint32_t every = 32;  ///< bytes from one call to the next, whole instructions
};
inline constexpr std::array<Calls, 6> all_calls{{{Architecture::thumb, "thumb", 0xf800f000},
                                                 {Architecture::a64, "a64", 0x94000000},
                                                 {Architecture::xtensa, "xtensa", 0x00000005, 0x40100000, 33},
                                                 {Architecture::riscv, "riscv", 0x000000ef},
                                                 {Architecture::avr, "avr", 0x0000940e},
                                                 {Architecture::tc32, "tc32", 0x98009000}}};

inline constexpr std::array<Budget, 4> all_budgets{Budget::k4, Budget::k8, Budget::k16, Budget::k32};

/// An image that is loaded whole, where nothing is RAM.
struct Loaded {
    Loaded(std::uint32_t base, std::uint32_t bytes) : segment{{{0, base, bytes}}} {
        spaces.of = {sbd::AddressSpace(segment), sbd::AddressSpace(segment)};
        spaces.image_bytes = {bytes, bytes};
    }
    Loaded(const Loaded&) = delete;
    Loaded& operator=(const Loaded&) = delete;

    std::array<sbd::LoadSegment, 1> segment;
    sbd::Spaces spaces;
};

/// Writes a call to `target` at `at`; false where the architecture has none there.
inline bool put_call(const Calls& calls, Buffer& image, std::uint32_t at, std::uint32_t target) {
    const Loaded loaded(calls.base, static_cast<std::uint32_t>(image.size()));
    for (std::uint32_t k = 0; k < 4; ++k) {
        if (calls.architecture == Architecture::xtensa && k == 3) break;
        image[at + k] = static_cast<std::uint8_t>(calls.raw >> 8 * k);
    }
    sbd::MemorySource source{Bytes(image), Bytes()};
    const sbd::Field field =
        sbd::AllFields::find(calls.architecture, source, loaded.spaces, sbd::Side::old_image, at, at);
    if (field.kind != sbd::FieldKind::code && field.kind != sbd::FieldKind::pointer) return false;
    const std::uint64_t raw = source.word(at);
    const std::uint64_t made = sbd::AllFields::encode(calls.architecture, loaded.spaces, field, raw, target, at);
    for (std::uint32_t k = 0; k < field.bytes; ++k) image[at + k] = static_cast<std::uint8_t>(made >> 8 * k);
    return true;
}

/// Two builds that differ in nothing but `added` bytes at their middle, and in the calls across it: every few bytes
/// hold a call to one of 40 functions. Empty where the architecture has no such call.
inline Pair moved_calls(const Calls& calls, std::uint32_t bytes, std::uint32_t added, std::uint32_t seed) {
    Random random(seed);
    const std::uint32_t middle = bytes / 2 / calls.every * calls.every;
    Pair pair;
    for (std::uint32_t i = 0; i < bytes; ++i) pair.old_image.push_back(static_cast<std::uint8_t>(random() % 3 * 2));
    pair.new_image = pair.old_image;
    Buffer more(added);
    for (auto& b : more) b = static_cast<std::uint8_t>(random());
    pair.new_image.insert(pair.new_image.begin() + middle, more.begin(), more.end());
    std::vector<std::uint32_t> functions;
    for (int i = 0; i < 40; ++i) functions.push_back(random() % (bytes / calls.every) * calls.every);
    const auto moved = [&](std::uint32_t at) { return at < middle ? at : at + added; };
    for (std::uint32_t at = 12; at + calls.every < bytes; at += calls.every) {
        const std::uint32_t target = functions[random() % functions.size()];
        if (!put_call(calls, pair.old_image, at, target) || !put_call(calls, pair.new_image, moved(at), moved(target)))
            return {};
    }
    return pair;
}

/// What of an image was handed out.
class MadeImage final : public Reader {
public:
    [[nodiscard]] std::uint32_t bytes() const override { return static_cast<std::uint32_t>(image.size()); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        if (offset > image.size() || out.size() > image.size() - offset) return fail(Error::out_of_range);
        copy(out, Bytes(image).subspan(offset, out.size()));
        return {};
    }
    Buffer image;
};

/// A patch, its preamble apart. A patch whose preamble cannot be told is all payload.
struct Split {
    explicit Split(Bytes patch) : payload(patch) {
        if (const auto bytes = sbd::preamble_bytes(patch.first(std::min<std::size_t>(patch.size(), sbd::fixed_bytes)));
            bytes && *bytes <= patch.size()) {
            preamble = patch.first(*bytes);
            payload = patch.subspan(*bytes);
        }
    }
    Bytes preamble;
    Bytes payload;
};

/// A device with one decoder of sbd. `error` says why there is none.
class Device {
public:
    Device(Bytes old_image, Bytes patch, std::size_t image_bytes, Budget budget = Budget::k32)
        : parts_(patch),
          old_(old_image),
          work_((sbd::budget_bytes(budget) + host_extra_bytes) / 8, 0xdeadbeefdeadbeef) {
        DecoderSetup setup;
        setup.format = PayloadFormat::sbd;
        setup.image_bytes = static_cast<std::uint32_t>(image_bytes);
        setup.decoder_ram_bytes = sbd::budget_bytes(budget);
        setup.old_image = &old_;
        setup.work = MutableBytes(reinterpret_cast<std::uint8_t*>(work_.data()), work_.size() * 8);
        setup.payload_bytes = static_cast<std::uint32_t>(parts_.payload.size());
        setup.parameters = parts_.preamble;
        setup.made_image = &made;
        const auto decoder = make_decoder(all_decoders, setup, storage_);
        if (decoder)
            decoder_ = *decoder;
        else
            error = decoder.error();
    }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    [[nodiscard]] Decoder* decoder() { return decoder_; }
    [[nodiscard]] Bytes payload() const { return parts_.payload; }

    /// Feeds the payload from `used` on; the image is in `made`. True when it is complete. `at_rest` is asked after
    /// each call that handed something out, and with room for nothing.
    template <class InPiece, class OutPiece, class AtRest>
    bool feed(std::size_t used, InPiece in_piece, OutPiece out_piece, AtRest at_rest) {
        if (decoder_ == nullptr) return false;
        Buffer room;
        for (std::size_t shown = used;;) {
            if (shown == used) shown = std::min<std::size_t>(payload().size(), used + in_piece());
            room.assign(out_piece(), 0xa5);
            const auto p = decoder_->decode(payload().subspan(used, shown - used), room);
            if (!p) {
                error = p.error();
                return false;
            }
            used += p->consumed;
            made.image.insert(made.image.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(p->produced));
            at_rest(used);
            if (p->done) return used == payload().size();
            if (p->consumed != 0 || p->produced != 0) continue;
            if (shown == payload().size()) return false;
            ++shown;
        }
    }
    bool feed(std::size_t in_piece = 1U << 20, std::size_t out_piece = 4096) {
        return feed(0, [=] { return in_piece; }, [=] { return out_piece; }, [](std::size_t) {});
    }

    MadeImage made;
    Error error = Error::none;

private:
    Split parts_;
    MemoryReader old_;
    std::vector<std::uint64_t> work_;
    DecoderStorage storage_;
    Decoder* decoder_ = nullptr;
};

}  // namespace sb::sbd_testing

namespace sb::sbd::fields_test {

/// An image to read from, which remembers how far around it was read.
class Image {
public:
    explicit Image(std::size_t bytes) : bytes_(bytes) {}
    std::uint8_t byte(std::uint32_t at) {
        lowest_ = std::min<std::int64_t>(lowest_, static_cast<std::int32_t>(at));
        highest_ = std::max<std::int64_t>(highest_, static_cast<std::int32_t>(at));
        return at < bytes_.size() ? bytes_[at] : 0;
    }
    std::uint32_t word(std::uint32_t at) {
        std::uint32_t value = 0;
        for (std::uint32_t k = 0; k < 4; ++k) value |= std::uint32_t{byte(at + k)} << (8 * k);
        return value;
    }
    void put(std::uint32_t at, std::uint64_t value, std::uint32_t bytes) {
        for (std::uint32_t k = 0; k < bytes && at + k < bytes_.size(); ++k)
            bytes_[at + k] = static_cast<std::uint8_t>(value >> (8 * k));
    }
    void forget_reads() { lowest_ = 1 << 30, highest_ = -1; }
    [[nodiscard]] std::int64_t lowest_read() const { return lowest_; }
    [[nodiscard]] std::int64_t highest_read() const { return highest_; }

private:
    std::vector<std::uint8_t> bytes_;
    std::int64_t lowest_ = 0;
    std::int64_t highest_ = 0;
};

using Segments = std::vector<LoadSegment>;

/// Both images loaded alike.
inline Spaces loaded(const Segments& segments, std::uint32_t image_bytes) {
    Spaces spaces;
    spaces.of = {AddressSpace(segments), AddressSpace(segments)};
    spaces.image_bytes = {image_bytes, image_bytes};
    spaces.ram_address = 0x20000000;
    spaces.ram_bytes = 0x10000;
    return spaces;
}

inline std::uint64_t raw_at(Image& image, std::uint32_t at) {
    return image.word(at) | static_cast<std::uint64_t>(image.word(at + 4)) << 32;
}
inline std::uint64_t low_bytes(std::uint64_t value, std::uint32_t bytes) {
    return bytes >= 8 ? value : value & ((std::uint64_t{1} << 8 * bytes) - 1);
}

/// With all kinds of fields, also those that are left out because they do not pay.
using AllThumb = ThumbFields<0xffffffff>;
using AllA64 = A64Fields<0xffffffff>;
using AllXtensa = XtensaFields<0xffffffff>;
using AllRiscV = RiscVFields<0xffffffff>;
using AllAvr = AvrFields<0xffffffff>;

}  // namespace sb::sbd::fields_test
