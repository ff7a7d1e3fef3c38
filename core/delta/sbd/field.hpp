// core/delta/sbd: what code and data say about addresses, and where images are loaded. An address field (a call, a
// pointer, the halves of an address in two instructions) changes when what it names has moved. Each architecture
// tells where a field is and what it names (`find`), and writes it again for another place (`encode`).
//
// What a field names is a *key*: the offset in the image, or, for RAM, ROM and the like, the address with bit 31 set.
#pragma once

#include "core/base/bytes.hpp"

namespace sb::sbd {

/// Numbered in the header of a patch.
enum class Architecture : std::uint8_t { none = 0, thumb = 1, a64 = 2, xtensa = 3, riscv = 4, avr = 5, tc32 = 6 };

enum class FieldKind : std::uint8_t {
    none = 0,
    code = 1,     ///< a branch or a call, relative to its place
    pointer = 2,  ///< an address inside the image
    outside = 3   ///< an address outside of it, or the half of an address
};

struct Field {
    std::uint8_t bytes = 0;  ///< 2, 3, 4 or 8; 0: no field
    FieldKind kind = FieldKind::none;
    std::uint8_t form = 0;  ///< which encoding; each architecture numbers its own
    /// Its target is near: the map, which has no small blocks, tells less than keys that were learned right beside it.
    /// Where there are none it stays as it is: distances from a rounded place cannot be moved by any number of bytes.
    bool near = false;
    std::uint32_t key = 0;  ///< what it names
};

inline constexpr std::uint32_t outside_bit = 0x80000000;

/// The form of a word that is an address, the same in all architectures. Such a word stands at multiples of 4, so a
/// field of this form is none where the position in the new image is no multiple of 4. All other 4-byte fields may be.
inline constexpr std::uint8_t word_form = 0;

/// instruction_class() gives numbers below this.
inline constexpr std::uint32_t class_count = 64;
/// instruction_class() and `start` where the walker stands in no instruction.
inline constexpr std::uint32_t unknown_start = 0xffffffff;

/// Bytes [offset, offset + bytes) of an image are loaded at `address`. `bytes` may reach beyond the image: .bss.
struct LoadSegment {
    std::uint32_t offset = 0;
    std::uint32_t address = 0;
    std::uint32_t bytes = 0;

    [[nodiscard]] std::uint32_t end() const { return offset + bytes; }
};

/// Where one image is loaded. The first segment that fits answers.
class AddressSpace {
public:
    AddressSpace() = default;
    explicit AddressSpace(std::span<const LoadSegment> segments) : segments_(segments) {}

    /// Sets the image offset of `address`; false when it lies in no segment.
    [[nodiscard]] bool offset_of(std::uint32_t address, std::uint32_t& offset) const {
        for (const LoadSegment& segment : segments_) {
            if (address - segment.address >= segment.bytes) continue;
            offset = address - segment.address + segment.offset;
            return true;
        }
        return false;
    }

    /// The address of an image offset. Outside of all segments the first one goes on.
    [[nodiscard]] std::uint32_t address_of(std::uint32_t offset) const {
        for (const LoadSegment& segment : segments_)
            if (offset - segment.offset < segment.bytes) return offset - segment.offset + segment.address;
        return segments_.empty() ? offset : offset - segments_[0].offset + segments_[0].address;
    }

    [[nodiscard]] std::span<const LoadSegment> segments() const { return segments_; }

private:
    std::span<const LoadSegment> segments_;
};

enum class Side : std::uint8_t { old_image = 0, new_image = 1 };

/// What find() and encode() know about the two images.
struct Spaces {
    std::array<AddressSpace, 2> of{};  ///< by Side
    std::array<std::uint32_t, 2> image_bytes{};
    std::array<std::uint32_t, 2> global_pointer{};  ///< RISC-V gp; 0: not known
    std::uint32_t ram_address = 0;                  ///< words in this range name RAM (or .bss)
    std::uint32_t ram_bytes = 0;

    [[nodiscard]] const AddressSpace& space(Side side) const { return of[static_cast<std::uint8_t>(side)]; }
    [[nodiscard]] bool is_ram(std::uint32_t address) const { return address - ram_address < ram_bytes; }
    /// Whether bytes [position, position + bytes) are all inside the image.
    [[nodiscard]] bool holds(Side side, std::uint32_t position, std::uint32_t bytes) const {
        const std::uint32_t size = image_bytes[static_cast<std::uint8_t>(side)];
        return size >= bytes && position <= size - bytes;
    }

    /// Sets the key that names `address` in the image `side`. False where the key would not give the address again:
    /// segments that overlap, or an address outside of them whose top bit is not that of RAM.
    [[nodiscard]] bool key_of(Side side, std::uint32_t address, std::uint32_t& key) const {
        if (!space(side).offset_of(address, key)) key = address | outside_bit;
        return address_of(side, key) == address;
    }
    [[nodiscard]] std::uint32_t address_of(Side side, std::uint32_t key) const {
        if ((key & outside_bit) == 0) return space(side).address_of(key);
        return (key & ~outside_bit) | (ram_address & outside_bit);
    }
    /// Whether what a key names may have another address in the new image. ROM does not.
    [[nodiscard]] bool may_move(std::uint32_t key) const {
        return (key & outside_bit) == 0 || is_ram(address_of(Side::old_image, key));
    }
};

// Each architecture is a struct of static functions. `Source` reads old image ++ what is made of the new one; outside
// of both it reads 0. find() reads at most 32 bytes back and 40 ahead of `at`:
//     std::uint8_t byte(std::uint32_t at);  std::uint32_t word(std::uint32_t at);   // little endian, 4 bytes
//
//   struct Thumb {
//       static constexpr Architecture id = Architecture::thumb;
//       static constexpr std::uint32_t alignment = 2;      // fields and instructions start at multiples of it
//       static constexpr bool tracks_instructions = true;  // fields are looked for at starts of instructions only
//       /// Bytes of the instruction at `at`, 1 to 4, by its first bytes.
//       template <class Source> static std::uint32_t instruction_bytes(Source&, std::uint32_t at);
//       /// The field at `at` of the source, which is byte `position` of the image `side`.
//       template <class Source> static Field find(Source&, const Spaces&, Side, std::uint32_t at,
//                                                 std::uint32_t position);
//       /// The bytes of a field (raw: as it stands, first byte lowest) when it names `key` and stands at `position`
//       /// of the new image. encode(f, raw, f.key, same place, equal spaces) == raw.
//       /// Beyond the field's bytes neither `raw` nor the answer counts.
//       static std::uint64_t encode(const Spaces&, const Field&, std::uint64_t raw, std::uint32_t key,
//                                   std::uint32_t position);
//       /// A number < class_count for what kind of instruction byte `at` belongs to and which of its bytes it is;
//       /// the walker stands in an instruction [start, next), or start == unknown_start. `position`: in the new image.
//       template <class Source> static std::uint32_t instruction_class(Source&, std::uint32_t at, std::uint32_t start,
//                                                                      std::uint32_t next, std::uint32_t position);
//   };

}  // namespace sb::sbd
