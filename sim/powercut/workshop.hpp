// sim/powercut: makes what a simulated life needs: a key, a device class, signed images and packages, with the same
// tools as a maker of firmware uses. Everything is small and made anew in each run; nothing is kept.
#pragma once

#include "sim/powercut/life.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/sign_image.hpp"

namespace sb::sim {

class Workshop {
public:
    explicit Workshop(std::string device_class = "acme.example/sensor");

    /// A signed image of `body_bytes` of code-like content; images of one `family` differ in few places.
    [[nodiscard]] std::vector<std::uint8_t> image(const Version& version, std::uint32_t body_bytes, unsigned family = 0,
                                                  std::optional<std::uint32_t> security_counter = {}) const;
    /// A package of the whole image in `format` (raw or lzma).
    [[nodiscard]] std::vector<std::uint8_t> full(Bytes image, PayloadFormat format = PayloadFormat::raw,
                                                 std::uint32_t block_bytes = 256) const;
    /// A package of the difference in `format` (endsley or endsley+lzma), in segments of `segment_bytes`.
    [[nodiscard]] std::vector<std::uint8_t> delta(Bytes from, Bytes to,
                                                  PayloadFormat format = PayloadFormat::endsley_lzma,
                                                  std::uint32_t block_bytes = 256,
                                                  std::uint32_t segment_bytes = 0) const;
    /// The programs as signed images (version 1.0.0 and 1.1.0), and the package between them.
    [[nodiscard]] Cast cast(PayloadFormat format, Bytes old_program, Bytes new_program,
                            std::uint32_t segment_bytes = 0) const;
    [[nodiscard]] Cast cast(PayloadFormat format, std::uint32_t body_bytes, std::uint32_t segment_bytes = 0) const;

    [[nodiscard]] const BoardIdentity& identity() const { return identity_; }
    [[nodiscard]] const pack::PrivateKey& key() const { return key_; }
    [[nodiscard]] const std::string& device_class() const { return device_class_; }

private:
    pack::PrivateKey key_;
    std::string device_class_;
    BoardIdentity identity_;
};

/// SHA-256 of a whole signed image: how a delta names its source.
[[nodiscard]] Digest image_digest(Bytes image);

}  // namespace sb::sim
