// core/delta: what stands before the instructions of a VCDIFF: the header of the file (RFC 3284, section 4.1) and of
// each window (4.2, 4.3), read as they come. Besides the RFC: xdelta3's Adler-32 of a window, and open-vcdiff's version
// 'S', whose windows may be interleaved and whose checksum is a number.
#pragma once

#include "core/base/bytes.hpp"
#include "core/delta/vcdiff_varint.hpp"

namespace sb {

inline constexpr std::array<std::uint8_t, 3> vcdiff_magic{0xd6, 0xc3, 0xc4};
inline constexpr std::uint8_t vcdiff_version_rfc = 0;
inline constexpr std::uint8_t vcdiff_version_open = 'S';

// header indicator
inline constexpr unsigned vcdiff_has_secondary = 1;
inline constexpr unsigned vcdiff_has_code_table = 2;
inline constexpr unsigned vcdiff_has_application = 4;  // xdelta3's

// window indicator
inline constexpr unsigned vcdiff_from_source = 1;
inline constexpr unsigned vcdiff_from_target = 2;
inline constexpr unsigned vcdiff_has_checksum = 4;  // xdelta3's, and open-vcdiff's

class VcdiffHeader {
public:
    /// Takes the next byte. True: the header is whole.
    /// Errors: malformed; unsupported (another version, a code table of its own); too_large.
    [[nodiscard]] Result<bool> take(std::uint8_t byte);

    [[nodiscard]] std::uint8_t version() const { return version_; }
    void set_version(std::uint8_t version) { version_ = version; }
    /// What the sections may be packed with; 0: nothing is named.
    [[nodiscard]] std::uint8_t secondary() const {
        return (indicator_ & vcdiff_has_secondary) != 0 ? secondary_ : std::uint8_t{0};
    }

private:
    Base128 number_;
    std::uint32_t application_left_;
    std::uint8_t seen_ = 0;  // fields, and each byte of the magic
    std::uint8_t version_ = 0;
    std::uint8_t indicator_ = 0;
    std::uint8_t secondary_ = 0;
};

enum class VcdiffSection : std::uint8_t { data, instructions, addresses };
inline constexpr std::size_t vcdiff_sections = 3;

/// The numbers of a window's header, in their order in the patch.
struct VcdiffWindow {
    std::uint32_t indicator;
    std::uint32_t source_bytes;  ///< of the stretch that is copied from; 0 when there is none
    std::uint32_t source_at;
    std::uint32_t delta_bytes;  ///< what follows of the window
    std::uint32_t target_bytes;
    std::uint32_t packed;                                      ///< bit n: section n is packed
    std::array<std::uint32_t, vcdiff_sections> section_bytes;  ///< as they stand in the patch
    std::uint32_t checksum;

    [[nodiscard]] bool copies_target() const { return (indicator & vcdiff_from_target) != 0; }
    [[nodiscard]] std::uint32_t sections_bytes() const {
        return section_bytes[0] + section_bytes[1] + section_bytes[2];
    }
};

class VcdiffWindowHeader {
public:
    /// Begins another window of a file of that version.
    void begin(std::uint8_t version);
    /// Takes the next byte. True: the header is whole, and consistent in itself.
    /// Errors: malformed, too_large.
    [[nodiscard]] Result<bool> take(std::uint8_t byte);
    [[nodiscard]] const VcdiffWindow& window() const { return window_; }
    /// Whether take() was not called since begin().
    [[nodiscard]] bool at_start() const { return seen_ == 0; }
    /// Data and addresses stand among the instructions.
    [[nodiscard]] bool interleaved() const {
        return version_ == vcdiff_version_open && (window_.section_bytes[0] | window_.section_bytes[2]) == 0;
    }
    /// Whether `target`, the window's bytes, are what the checksum (if there is one) says.
    [[nodiscard]] bool accepts(Bytes target) const;
    /// The same of an Adler-32 that began with first_sum().
    [[nodiscard]] bool accepts_sum(std::uint32_t adler) const {
        return (window_.indicator & vcdiff_has_checksum) == 0 || adler == window_.checksum;
    }
    [[nodiscard]] std::uint32_t first_sum() const { return version_ == vcdiff_version_rfc ? 1 : 0; }

private:
    [[nodiscard]] Result<void> check() const;

    VcdiffWindow window_;
    Base128 number_;
    std::uint32_t seen_;        // bytes
    std::uint32_t delta_from_;  // of these, before what counts as the delta's
    std::uint8_t version_;
    std::uint8_t field_;
};

/// Adler-32 (RFC 1950); `a` is what its lower sum starts with: 1 in RFC 1950 and xdelta3, 0 in open-vcdiff.
[[nodiscard]] std::uint32_t adler32(std::uint32_t a, Bytes bytes);

}  // namespace sb
