// sim/powercut: makes what a simulated life needs: a key, a device class, signed images and packages, with the same
// tools as a maker of firmware uses. Everything is small and made anew in each run; nothing is kept.
#pragma once

#include "sim/powercut/life.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/sign_image.hpp"

namespace sb::sim {

class Workshop {
public:
    explicit Workshop(std::string device_class = "acme.example/sensor", std::uint32_t header_bytes = 0x200);

    /// A signed image of `body_bytes` of code-like content; images of one `family` differ in few places. One with an
    /// `address` is linked for it and bound to it.
    [[nodiscard]] std::vector<std::uint8_t> image(const Version& version, std::uint32_t body_bytes, unsigned family = 0,
                                                  std::optional<std::uint32_t> security_counter = {},
                                                  std::optional<std::uint32_t> address = {}) const;
    /// A package of the whole image in `format` (raw or lzma).
    [[nodiscard]] std::vector<std::uint8_t> full(Bytes image, PayloadFormat format = PayloadFormat::raw,
                                                 std::uint32_t block_bytes = 256) const;
    /// A package of the difference in `format` (endsley or endsley+lzma), in segments of `segment_bytes`.
    [[nodiscard]] std::vector<std::uint8_t> delta(Bytes from, Bytes to,
                                                  PayloadFormat format = PayloadFormat::endsley_lzma,
                                                  std::uint32_t block_bytes = 256,
                                                  std::uint32_t segment_bytes = 0) const;
    /// The same with a reverse patch, which brings `from` back.
    [[nodiscard]] std::vector<std::uint8_t> there_and_back(Bytes from, Bytes to,
                                                           PayloadFormat format = PayloadFormat::endsley_lzma,
                                                           std::uint32_t block_bytes = 256,
                                                           std::uint32_t segment_bytes = 0) const;
    /// A package with a build for each slot. Slot A's comes first, also in `from`: what devices run in either slot,
    /// for a delta.
    using Pair = std::array<Bytes, slot_count>;
    [[nodiscard]] std::vector<std::uint8_t> for_each_slot(const Pair& from, const Pair& to,
                                                          PayloadFormat format = PayloadFormat::raw,
                                                          std::uint32_t block_bytes = 256,
                                                          std::uint32_t segment_bytes = 0) const;
    /// A package of the whole image `to` with a reverse patch in format `back` that brings `from` back in place, in a
    /// slot of `slot_bytes` with erase units of `erase_bytes`.
    [[nodiscard]] std::vector<std::uint8_t> whole_and_back(Bytes from, Bytes to, std::uint32_t slot_bytes,
                                                           std::uint32_t erase_bytes,
                                                           PayloadFormat back = PayloadFormat::sbd,
                                                           PayloadFormat format = PayloadFormat::raw,
                                                           std::uint32_t block_bytes = 256) const;
    /// A package that rewrites `from` where it stands, in a slot of `slot_bytes` with erase units of `erase_bytes`.
    [[nodiscard]] std::vector<std::uint8_t> in_place(Bytes from, Bytes to, std::uint32_t slot_bytes,
                                                     std::uint32_t erase_bytes, bool way_back,
                                                     PayloadFormat format = PayloadFormat::sbd,
                                                     std::uint32_t block_bytes = 256) const;
    /// The programs as signed images (version 1.0.0 and 1.1.0), and the package between them. With `slot_b`, where
    /// slot B executes on a board that cannot remap, there are builds for both slots.
    [[nodiscard]] Cast cast(PayloadFormat format, Bytes old_program, Bytes new_program, std::uint32_t segment_bytes = 0,
                            std::optional<std::uint32_t> slot_b = {}) const;
    [[nodiscard]] Cast cast(PayloadFormat format, std::uint32_t body_bytes, std::uint32_t segment_bytes = 0,
                            std::optional<std::uint32_t> slot_b = {}) const;

    /// Has the package bring the patch that undoes it, too, and `board` have room to keep that. Requires: a delta; for
    /// a board of scheme single a whole image, and units of one size in slot A.
    void add_reverse(Cast& cast, BoardSpec& board, PayloadFormat format, std::uint32_t segment_bytes = 2048) const;

    [[nodiscard]] const BoardIdentity& identity() const { return identity_; }
    [[nodiscard]] const pack::PrivateKey& key() const { return key_; }
    [[nodiscard]] const std::string& device_class() const { return device_class_; }

private:
    /// What a linker makes for one slot.
    struct Linked {
        std::vector<std::uint8_t> old_program;
        std::vector<std::uint8_t> new_program;
        std::optional<std::uint32_t> address{};
    };
    [[nodiscard]] std::vector<std::uint8_t> sign(Bytes program, const Version& version,
                                                 std::optional<std::uint32_t> address) const;
    [[nodiscard]] Cast cast_of(PayloadFormat format, const Linked& a, const Linked* b,
                               std::uint32_t segment_bytes) const;

    pack::PrivateKey key_;
    std::string device_class_;
    BoardIdentity identity_;
};

/// SHA-256 of a whole signed image: how a delta names its source.
[[nodiscard]] Digest image_digest(Bytes image);

}  // namespace sb::sim
