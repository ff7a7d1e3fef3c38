// Package envelopes. The first byte of an input chooses: an envelope as it stands, or (two bytes of length, then) a
// manifest and a payload descriptor that are put into a good frame with the right digest, so that what stands behind
// the signatures is reached. Signatures are taken as good. Beyond "no access out of bounds": what is accepted is within
// its limits, its length is known from any start that tells one, no shorter input is accepted, and it can be explained.
#include <cstdlib>

#include "core/manifest/labels.hpp"
#include "ports/host/trusting_crypto.hpp"
#include "tools/pack/cbor_writer.hpp"
#include "tools/pack/suit_explain.hpp"

namespace sb {
namespace {

namespace cbor = pack::cbor;
using Buffer = std::vector<std::uint8_t>;

void require(bool held) {
    if (!held) std::abort();
}

TrustedKey fuzz_key() {
    TrustedKey key{};
    key.hash.fill(0x22);
    return key;
}

Buffer block(const Buffer& payload) {
    return cbor::tagged(cose::tag_sign1,
                        cbor::array({cbor::bytes(cose::es256_header),
                                     cbor::map({{cose::header_kid, cbor::bytes(Buffer(cose::kid_bytes, 0x22))}}),
                                     payload, cbor::bytes(Buffer(64, 1))}));
}

Buffer framed(Bytes manifest, Bytes descriptor) {
    TrustingCrypto crypto;
    const Buffer digest = cbor::array({cbor::item(-16), cbor::bytes(sha256(crypto, cbor::bytes(manifest)))});
    const Buffer auth = cbor::array({cbor::bytes(digest), cbor::bytes(block(cbor::item(nullptr)))});
    return cbor::tagged(suit::tag_envelope, cbor::map({{2, cbor::bytes(auth)},
                                                       {3, cbor::bytes(manifest)},
                                                       {-256, cbor::bytes(block(cbor::bytes(descriptor)))}}));
}

Buffer envelope_of(Bytes input) {
    if (input.size() < 3 || (input[0] & 1U) == 0) {
        const Bytes whole = input.subspan(input.empty() ? 0 : 1);
        return {whole.begin(), whole.end()};
    }
    const std::size_t wanted = load_be<std::uint16_t>(input, 1);
    const Bytes parts = input.subspan(3);
    const std::size_t manifest = wanted < parts.size() ? wanted : parts.size();
    return framed(parts.first(manifest), parts.subspan(manifest));
}

void check_lengths(Bytes envelope, bool accepted) {
    std::optional<std::size_t> told;
    for (std::size_t n = 0; n <= envelope.size(); ++n) {
        const auto length = envelope_bytes(envelope.first(n));
        if (!length) {
            require(!accepted);
            continue;
        }
        if (!*length) {
            require(!told);
            continue;
        }
        require(!told || told == *length);
        require(**length <= max_envelope_bytes);
        told = *length;
    }
    require(!accepted || told == envelope.size());
}

// What a package says for one slot. Slot B's chain is behind slot A's where there are two, else it is the same one.
void check_build(const Package& package, const Package& slot_a) {
    const PayloadDescriptor& p = package.payload;
    require(package.manifest.image_bytes > 0 && p.payload_bytes > 0);
    require(p.block_bytes >= min_block_data_bytes && p.block_bytes <= max_block_data_bytes);
    require(p.chain_bytes() >= p.payload_bytes);
    require(package.build_per_slot == slot_a.build_per_slot && package.id == slot_a.id);
    require(package.chains_bytes == slot_a.chains_bytes);
    const std::uint64_t reverse = p.reverse ? reverse_of(package).chains_bytes : 0;
    require(package.chain_from == reverse ||
            (package.build_per_slot && package.chain_from == slot_a.payload.chain_bytes()));
    require(!p.reverse || (!p.in_place && !package.build_per_slot));
    require(!p.reverse || p.source_digest.has_value() != p.reverse->in_place.has_value());
    require(!p.reverse || is_delta(reverse_of(package).payload.format));
    require(!p.reverse || reverse_of(package).payload.in_place.has_value() == p.reverse->in_place.has_value());
    require(package.chain_from + p.chain_bytes() <= package.chains_bytes);
}

void check_accepted(Bytes envelope, const Package& package) {
    TrustingCrypto crypto;
    const TrustedKey ring[] = {fuzz_key()};
    require((package.chain_from != 0) == package.payload.reverse.has_value());
    check_build(package, package);
    // The same structure is good for the other slot; only what a raw payload's length must be differs.
    const auto other = open_package(envelope, crypto, ring, 1);
    require(other || (package.build_per_slot && other.error() == Error::image_mismatch));
    if (other) check_build(*other, package);
    if (other && !package.payload.reverse) require((other->chain_from != 0) == package.build_per_slot);
    for (std::size_t n = 0; n < envelope.size(); n += 7) require(!open_package(envelope.first(n), crypto, ring));
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sb;
    const Buffer envelope = envelope_of({data, size});
    TrustingCrypto crypto;
    const TrustedKey ring[] = {fuzz_key()};
    const auto package = open_package(envelope, crypto, ring);
    check_lengths(envelope, package.has_value());
    if (package) check_accepted(envelope, *package);

    const auto explained = pack::explain_suit(envelope, {});
    if (explained) {
        require(package && !explained->builds.empty() ? explained->strict_error == Error::none : true);
        require(explained->strict_error == Error::none || !explained->reasons.empty());
        require(!pack::outline(explained->tree).empty());
    } else {
        require(!package);
    }
    return 0;
}
