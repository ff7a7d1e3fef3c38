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

// The parameters of one image. `slot`: which one it is a build for; none: there is one build.
Bytes parse_image(CborReader& r, CborKeyOrder& order, std::optional<std::uint32_t> slot, Manifest& to) {
    const Bytes digest = member(r, order, suit::image_digest);
    if (slot) {
        order.expect(r, suit::component_slot);
        r.expect_unsigned(*slot);
    }
    order.expect(r, suit::image_size);
    to.image_bytes = r.unsigned32();
    return digest;
}

// Each on its own must make sense, also the one that is not asked for.
Result<void> finish_image(CborReader& r, Bytes digest, Manifest& to) {
    SB_TRY(r.finish());
    SB_TRY(parse_digest(digest, to.image_digest));
    if (to.image_bytes == 0) return fail(Error::malformed);
    return {};
}

// What is tried for `slot`: its image, on condition that this is the slot.
Result<void> parse_build(Bytes in, std::uint32_t slot, Manifest& to) {
    CborReader r(in);
    CborKeyOrder order;
    r.expect_array(4, Error::unsupported);
    r.expect_unsigned(suit::override_parameters);
    expect_map(r, 3);
    const Bytes digest = parse_image(r, order, slot, to);
    r.expect_unsigned(suit::condition_component_slot);
    r.expect_unsigned(suit::report_all);
    return finish_image(r, digest, to);
}

Result<void> parse_shared_sequence(Bytes in, Package& package, std::uint32_t slot) {
    Manifest& to = package.manifest;
    CborReader r(in);
    CborKeyOrder order;
    const std::uint32_t items = r.array();
    package.build_per_slot = items == 8;
    if (items != 6 && !package.build_per_slot) r.fail(Error::unsupported);
    r.expect_unsigned(suit::override_parameters);
    expect_map(r, package.build_per_slot ? 3 : 5);
    order.expect(r, suit::vendor_id);
    r.bytes_into(to.vendor);
    order.expect(r, suit::class_id);
    r.bytes_into(to.device_class);
    Bytes digest;
    if (!package.build_per_slot) digest = parse_image(r, order, std::nullopt, to);
    order.expect(r, suit::security_counter);
    to.security_counter = r.unsigned32();
    for (const std::uint32_t word : {std::uint32_t{suit::condition_vendor_id}, suit::report_all,
                                     std::uint32_t{suit::condition_class_id}, suit::report_all})
        r.expect_unsigned(word);
    if (!package.build_per_slot) return finish_image(r, digest, to);

    r.expect_unsigned(suit::directive_try_each);
    r.expect_array(slot_builds, Error::unsupported);
    for (std::uint32_t each = 0; each < slot_builds; ++each) {
        const Bytes build = r.bytes();
        if (!r.ok()) break;
        Manifest other = to;
        SB_TRY(parse_build(build, each, each == slot ? to : other));
    }
    return r.finish();
}

Result<void> parse_common(Bytes in, Package& to, std::uint32_t slot) {
    CborReader r(in);
    CborKeyOrder order;
    expect_map(r, 2);
    order.expect(r, suit::components);
    expect_component(r);
    const Bytes sequence = member(r, order, suit::shared_sequence);
    SB_TRY(r.finish());
    return parse_shared_sequence(sequence, to, slot);
}

// The image is validated by its digest and nothing else.
Result<void> parse_validate(Bytes in) {
    CborReader r(in);
    r.expect_array(2, Error::unsupported);
    r.expect_unsigned(suit::condition_image_match);
    r.expect_unsigned(suit::report_all);
    return r.finish();
}

Result<void> parse_manifest(Bytes in, Package& to, std::uint32_t slot) {
    CborReader r(in);
    CborKeyOrder order;
    expect_map(r, 4);
    order.expect(r, suit::version);
    r.expect_unsigned(1);
    order.expect(r, suit::sequence_number);
    to.manifest.sequence = r.unsigned64();
    const Bytes common = member(r, order, suit::common);
    const Bytes validate = member(r, order, suit::validate);
    SB_TRY(r.finish());
    SB_TRY(parse_common(common, to, slot));
    return parse_validate(validate);
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

Result<void> parse_description(CborReader& r, PayloadDescriptor& to) {
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
    if (!r.ok()) return fail(r.error());
    if (to.block_bytes > max_block_data_bytes) return fail(Error::too_large);
    if (to.block_bytes < min_block_data_bytes || to.payload_bytes == 0 || !source_fits(to))
        return fail(Error::malformed);
    return {};
}

// One description, or an array of one for each slot.
Result<void> parse_descriptor(Bytes in, Package& to, std::uint32_t slot) {
    CborReader r(in);
    if (to.build_per_slot) r.expect_array(slot_builds, Error::unsupported);
    for (std::uint32_t each = 0; each < (to.build_per_slot ? slot_builds : 1); ++each) {
        PayloadDescriptor description;
        description.manifest_digest = to.payload.manifest_digest;
        SB_TRY(parse_description(r, description));
        if (each == slot || !to.build_per_slot) {
            to.payload = description;
            to.chain_from = to.chains_bytes;
        }
        to.chains_bytes += description.chain_bytes();
    }
    return r.finish();
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

Result<Package> open_package(Bytes envelope, Crypto& crypto, KeyRing ring, std::uint32_t slot) {
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
    SB_TRY(parse_manifest(manifest, package, slot));
    SB_TRY(verify_sign1(descriptor_signature, digest_item, descriptor_signature.payload, crypto, ring));
    SB_TRY(parse_descriptor(descriptor_signature.payload, package, slot));
    if (package.payload.format == PayloadFormat::raw && package.payload.payload_bytes != package.manifest.image_bytes)
        return fail(Error::image_mismatch);
    package.id = shorten(sha256(crypto, envelope));
    return package;
}

}  // namespace sb
