// core/manifest: the labels of the strict profile. Sources: draft-ietf-suit-manifest-34 (CDDL in its appendix),
// RFC 9052 and RFC 9053 for COSE. Private labels come from -256 and below, the private-use range that the draft's
// IANA section gives each of its registries.
#pragma once

#include <array>
#include <cstdint>

namespace sb::suit {

inline constexpr std::uint32_t tag_envelope = 107;

enum EnvelopeLabel : std::int32_t { authentication = 2, manifest = 3, payload_descriptor = -256 };
enum ManifestLabel : std::int32_t { version = 1, sequence_number = 2, common = 3, validate = 7 };
enum CommonLabel : std::int32_t { components = 2, shared_sequence = 4 };
enum ParameterLabel : std::int32_t {
    vendor_id = 1,
    class_id = 2,
    image_digest = 3,
    component_slot = 5,
    image_size = 14,
    security_counter = -256,
};
enum Command : std::uint32_t {
    condition_vendor_id = 1,
    condition_class_id = 2,
    condition_image_match = 3,
    condition_component_slot = 5,
    directive_try_each = 15,
    override_parameters = 20,
};

inline constexpr std::int32_t sha256_algorithm = -16;  ///< RFC 9054 §2.1
/// Send a record on success and on failure, with system information: the policy that the draft's examples use.
inline constexpr std::uint32_t report_all = 15;

}  // namespace sb::suit

namespace sb::cose {

inline constexpr std::uint32_t tag_sign1 = 18;
inline constexpr std::int32_t header_kid = 4;
/// The protected header of every signature: {1: -7}, ES256.
inline constexpr std::array<std::uint8_t, 3> es256_header = {0xA1, 0x01, 0x26};
/// A key is named by the first bytes of its hash.
inline constexpr std::size_t kid_bytes = 8;

}  // namespace sb::cose
