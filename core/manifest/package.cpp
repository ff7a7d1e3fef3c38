#include "core/manifest/package.hpp"

#include "core/base/cbor.hpp"
#include "core/manifest/labels.hpp"
#include "core/manifest/sign1.hpp"

namespace sb {

namespace {

constexpr std::uint32_t envelope_members = 3;

// The byte string that stands under `label`, the only label that may come next.
Bytes member(CborReader& r, CborKeyOrder& order, std::int32_t label) {
    order.expect(r, label);
    return r.bytes();
}

void expect_map(CborReader& r, std::uint32_t pairs) {
    if (r.map() != pairs) r.fail(Error::unsupported);
}

void open_frame(CborReader& r) {
    if (r.tag() != suit::tag_envelope) r.fail(Error::malformed);
    expect_map(r, envelope_members);
}

// SUIT_Digest: [algorithm, bytes].
Result<void> parse_digest(Bytes in, Digest& to) {
    CborReader r(in);
    r.expect_array(2, Error::unsupported);
    if (r.integer() != suit::sha256_algorithm) r.fail(Error::unsupported);
    r.bytes_into(to);
    return r.finish();
}

// The one component of the profile: [[h'00']].
void expect_component(CborReader& r) {
    r.expect_array(1, Error::unsupported);
    r.expect_array(1, Error::unsupported);
    const Bytes id = r.bytes();
    if (id.size() != 1 || id[0] != 0) r.fail(Error::unsupported);
}

Bytes parse_parameters(CborReader& r, Manifest& to) {
    CborKeyOrder order;
    expect_map(r, 5);
    order.expect(r, suit::vendor_id);
    r.bytes_into(to.vendor);
    order.expect(r, suit::class_id);
    r.bytes_into(to.device_class);
    const Bytes digest = member(r, order, suit::image_digest);
    order.expect(r, suit::image_size);
    to.image_bytes = r.unsigned32();
    order.expect(r, suit::security_counter);
    to.security_counter = r.unsigned32();
    return digest;
}

Result<void> parse_shared_sequence(Bytes in, Manifest& to) {
    CborReader r(in);
    r.expect_array(6, Error::unsupported);
    r.expect_unsigned(suit::override_parameters);
    const Bytes digest = parse_parameters(r, to);
    for (const std::uint32_t word : {std::uint32_t{suit::condition_vendor_id}, suit::report_all,
                                     std::uint32_t{suit::condition_class_id}, suit::report_all})
        r.expect_unsigned(word);
    SB_TRY(r.finish());
    return parse_digest(digest, to.image_digest);
}

Result<void> parse_common(Bytes in, Manifest& to) {
    CborReader r(in);
    CborKeyOrder order;
    expect_map(r, 2);
    order.expect(r, suit::components);
    expect_component(r);
    const Bytes sequence = member(r, order, suit::shared_sequence);
    SB_TRY(r.finish());
    return parse_shared_sequence(sequence, to);
}

// The image is validated by its digest and nothing else.
Result<void> parse_validate(Bytes in) {
    CborReader r(in);
    r.expect_array(2, Error::unsupported);
    r.expect_unsigned(suit::condition_image_match);
    r.expect_unsigned(suit::report_all);
    return r.finish();
}

Result<void> parse_manifest(Bytes in, Manifest& to) {
    CborReader r(in);
    CborKeyOrder order;
    expect_map(r, 4);
    order.expect(r, suit::version);
    r.expect_unsigned(1);
    order.expect(r, suit::sequence_number);
    to.sequence = r.unsigned64();
    const Bytes common = member(r, order, suit::common);
    const Bytes validate = member(r, order, suit::validate);
    SB_TRY(r.finish());
    SB_TRY(parse_common(common, to));
    SB_TRY(parse_validate(validate));
    if (to.image_bytes == 0) return fail(Error::malformed);
    return {};
}

// Deltas name their source, whole images have none. Formats of later versions are the policy's matter.
bool source_fits(const PayloadDescriptor& payload) {
    switch (payload.format) {
        case PayloadFormat::raw:
        case PayloadFormat::lzma:
            return !payload.source_digest;
        case PayloadFormat::endsley:
        case PayloadFormat::endsley_lzma:
        case PayloadFormat::hpatchlite:
        case PayloadFormat::vcdiff:
        case PayloadFormat::hdiffsf:
        case PayloadFormat::sbd:
            return payload.source_digest.has_value();
    }
    return true;
}

Result<void> parse_descriptor(Bytes in, PayloadDescriptor& to) {
    CborReader r(in);
    const std::uint32_t items = r.array();
    const std::uint32_t format = r.unsigned32();
    const bool with_parameters = format == static_cast<std::uint32_t>(PayloadFormat::sbd);
    if (format > UINT8_MAX || items != (with_parameters ? 7U : 6U)) r.fail(Error::unsupported);
    to.format = static_cast<PayloadFormat>(format);
    to.decoder_ram_bytes = r.unsigned32();
    to.block_bytes = r.unsigned32();
    to.payload_bytes = r.unsigned32();
    r.bytes_into(to.first_block);
    if (r.peek() == CborType::bytes) {
        r.bytes_into(to.source_digest.emplace());
    } else if (r.simple() != 22) {
        r.fail(Error::malformed);
    }
    if (with_parameters) to.parameters = r.bytes();
    SB_TRY(r.finish());
    if (to.block_bytes > max_block_data_bytes) return fail(Error::too_large);
    if (to.block_bytes < min_block_data_bytes || to.payload_bytes == 0 || !source_fits(to))
        return fail(Error::malformed);
    return {};
}

// Digest of the manifest as SUIT takes it: over the byte string with its head.
Digest manifest_digest(Crypto& crypto, Bytes manifest) {
    Sha256 hash(crypto);
    hash_byte_string(hash, manifest);
    return hash.digest();
}

}  // namespace

Result<std::optional<std::size_t>> envelope_bytes(Bytes so_far) {
    CborReader r(so_far.first(so_far.size() < max_envelope_bytes ? so_far.size() : max_envelope_bytes));
    CborKeyOrder order;
    open_frame(r);
    std::size_t at = 0;
    for (const std::int32_t label : {suit::authentication, suit::manifest, suit::payload_descriptor}) {
        order.expect(r, label);
        at = r.bytes_head();
        if (r.ok() && at > max_envelope_bytes - r.offset()) return fail(Error::too_large);
        at += r.offset();
        if (label != suit::payload_descriptor) r.skip(at - r.offset());
    }
    if (r.ok()) return at;
    if (r.error() != Error::truncated) return fail(r.error());
    if (so_far.size() >= max_envelope_bytes) return fail(Error::too_large);
    return std::nullopt;
}

Result<Package> open_package(Bytes envelope, Crypto& crypto, KeyRing ring) {
    if (envelope.size() > max_envelope_bytes) return fail(Error::too_large);
    CborReader frame(envelope);
    CborKeyOrder order;
    open_frame(frame);
    const Bytes authentication = member(frame, order, suit::authentication);
    const Bytes manifest = member(frame, order, suit::manifest);
    const Bytes descriptor = member(frame, order, suit::payload_descriptor);
    SB_TRY(frame.finish());

    CborReader auth(authentication);
    auth.expect_array(2, Error::unsupported);
    const Bytes digest_item = auth.bytes();
    const Bytes manifest_block = auth.bytes();
    SB_TRY(auth.finish());

    Package package;
    SB_TRY(parse_digest(digest_item, package.payload.manifest_digest));
    SB_TRY_ASSIGN(const Sign1 manifest_signature, parse_sign1(manifest_block, true));
    SB_TRY_ASSIGN(const Sign1 descriptor_signature, parse_sign1(descriptor, false));
    if (manifest_digest(crypto, manifest) != package.payload.manifest_digest) return fail(Error::bad_digest);
    SB_TRY(verify_sign1(manifest_signature, {}, digest_item, crypto, ring));
    SB_TRY(parse_manifest(manifest, package.manifest));
    SB_TRY(verify_sign1(descriptor_signature, digest_item, descriptor_signature.payload, crypto, ring));
    SB_TRY(parse_descriptor(descriptor_signature.payload, package.payload));
    if (package.payload.format == PayloadFormat::raw && package.payload.payload_bytes != package.manifest.image_bytes)
        return fail(Error::image_mismatch);
    package.id = shorten(sha256(crypto, envelope));
    return package;
}

}  // namespace sb
