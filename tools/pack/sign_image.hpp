// tools/pack: makes a signed image of a program, in MCUboot's format: what imgtool makes of the same input, byte for
// byte but for the value of the signature (ECDSA nonces are random).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/image/image.hpp"
#include "tools/pack/keys.hpp"

namespace sb::pack {

/// Another image of the device that this one needs (TLV 0x40).
struct Dependency {
    std::uint8_t image = 0;  ///< its number
    Version at_least{};
};

/// Where a component of an image set lies (TLV 0x00A5, protected): its offset in the image, its bytes, its name.
struct SetComponent {
    std::string name;  ///< 1 to 31 characters
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
    bool operator==(const SetComponent&) const = default;
};

/// Those that an image names. Requires: core parses it. What is malformed is left out.
[[nodiscard]] std::vector<SetComponent> set_components(Bytes image);

struct SignOptions {
    Version version{};
    /// 32 to 65535. The header is padded to it with FF; the program is linked to start behind it.
    std::uint32_t header_bytes = 0x200;
    std::uint32_t slot_bytes = 0;  ///< the whole image must fit; 0: not checked
    /// Write unit of the flash: 1, 2, 4, 8, 16 or 32. As with imgtool it does not show in the image: it decides how
    /// much of the slot MCUboot's trailer takes, where there is one.
    std::uint32_t align = 4;
    /// The slot ends in an MCUboot trailer (swap with MCUboot as the bootloader): its room is kept free. Switchback's
    /// own schemes have none.
    bool mcuboot_trailer = false;
    std::optional<std::uint32_t> security_counter{};  ///< TLV 0x50, protected
    std::optional<std::uint32_t> rom_fixed{};         ///< flag ROM_FIXED and load address
    std::vector<Dependency> dependencies{};           ///< TLVs 0x40, protected
    std::vector<SetComponent> components{};           ///< TLVs 0x00A5, protected
    bool full_public_key = false;                     ///< TLV 0x02 in place of 0x01
};

/// Bytes that MCUboot's trailer takes at the end of a slot, as imgtool reckons them for 128 sectors.
[[nodiscard]] std::uint32_t mcuboot_trailer_bytes(std::uint32_t align);

/// The signed image. Verified with the core's own parser before it is given out.
/// Errors: usage (options out of range), bad_input (empty program), refused (does not fit the slot), environment.
[[nodiscard]] Outcome<std::vector<std::uint8_t>> sign_image(Bytes program, const SignOptions& options,
                                                            const PrivateKey& key);

}  // namespace sb::pack
