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

// Ends the reading of what stood in a byte string of `outer`, which takes over the first error.
void finish(CborReader& inner, CborReader& outer) {
    const Result<void> done = inner.finish();
    if (!done) outer.fail(done.error());
}

// SUIT_Digest: [algorithm, bytes].
void parse_digest(CborReader& outer, Bytes in, Digest& to) {
    CborReader r(in);
    r.expect_array(2, Error::unsupported);
    if (r.integer() != suit::sha256_algorithm) r.fail(Error::unsupported);
    r.bytes_into(to);
    finish(r, outer);
}

// The one component of the profile: [[h'00']].
void expect_component(CborReader& r) {
    r.expect_array(1, Error::unsupported);
    r.expect_array(1, Error::unsupported);
    const Bytes id = r.bytes();
    if (id.size() != 1 || id[0] != 0) r.fail(Error::unsupported);
}

// What is read: the build that is asked for, and how large the image of each is.
struct Builds {
    std::size_t slot;
    Package& wanted;
    std::uint32_t image_bytes[slot_builds]{};

    [[nodiscard]] bool is_wanted(std::uint32_t each) const { return each == slot || !wanted.build_per_slot; }
};

void expect_condition(CborReader& r, std::uint32_t condition) {
    r.expect_unsigned(condition);
    r.expect_unsigned(suit::report_all);
}

// What an override sets: for whom the package is, which image of a slot it has, or, where there is one build, both.
enum Override : std::uint8_t { target = 1, build = 2, target_and_image = 3 };

// `slot`: that a build must name.
void parse_override(CborReader& r, Override what, std::uint32_t slot, Manifest& to) {
    CborKeyOrder order;
    r.expect_unsigned(suit::override_parameters);
    expect_map(r, what == target_and_image ? 5 : 3);
    if (what != build) {
        order.expect(r, suit::vendor_id);
        r.bytes_into(to.vendor);
        order.expect(r, suit::class_id);
        r.bytes_into(to.device_class);
    }
    if (what != target) {
        parse_digest(r, member(r, order, suit::image_digest), to.image_digest);
        if (what == build) {
            order.expect(r, suit::component_slot);
            r.expect_unsigned(slot);
        }
        order.expect(r, suit::image_size);
        to.image_bytes = r.unsigned32();
        if (to.image_bytes == 0) r.fail(Error::malformed);
    }
    if (what != build) {
        order.expect(r, suit::security_counter);
        to.security_counter = r.unsigned32();
    }
}

// What is tried for slot `each`: its image, on condition that this is the slot.
void parse_build(CborReader& outer, std::uint32_t each, Builds& builds) {
    CborReader r(outer.bytes());
    Manifest other;
    Manifest& to = builds.is_wanted(each) ? builds.wanted.manifest : other;
    r.expect_array(4, Error::unsupported);
    parse_override(r, build, each, to);
    expect_condition(r, suit::condition_component_slot);
    builds.image_bytes[each] = to.image_bytes;
    finish(r, outer);
}

void parse_shared_sequence(CborReader& outer, Bytes in, Builds& builds) {
    CborReader r(in);
    Manifest& to = builds.wanted.manifest;
    const std::uint32_t items = r.array();
    const bool per_slot = items == 8;
    if (items != 6 && !per_slot) r.fail(Error::unsupported);
    parse_override(r, per_slot ? target : target_and_image, 0, to);
    expect_condition(r, suit::condition_vendor_id);
    expect_condition(r, suit::condition_class_id);
    builds.wanted.build_per_slot = per_slot;
    builds.image_bytes[0] = to.image_bytes;
    if (per_slot) {
        r.expect_unsigned(suit::directive_try_each);
        r.expect_array(slot_builds, Error::unsupported);
        for (std::uint32_t each = 0; each < slot_builds; ++each) parse_build(r, each, builds);
    }
    finish(r, outer);
}

void parse_common(CborReader& outer, Bytes in, Builds& to) {
    CborReader r(in);
    CborKeyOrder order;
    expect_map(r, 2);
    order.expect(r, suit::components);
    expect_component(r);
    parse_shared_sequence(r, member(r, order, suit::shared_sequence), to);
    finish(r, outer);
}

// The image is validated by its digest and nothing else.
void parse_validate(CborReader& outer, Bytes in) {
    CborReader r(in);
    r.expect_array(2, Error::unsupported);
    expect_condition(r, suit::condition_image_match);
    finish(r, outer);
}

Result<void> parse_manifest(Bytes in, Builds& to) {
    CborReader r(in);
    CborKeyOrder order;
    expect_map(r, 4);
    order.expect(r, suit::version);
    r.expect_unsigned(1);
    order.expect(r, suit::sequence_number);
    to.wanted.manifest.sequence = r.unsigned64();
    parse_common(r, member(r, order, suit::common), to);
    parse_validate(r, member(r, order, suit::validate));
    return r.finish();
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

bool may_be(const InPlace& in_place, const PayloadDescriptor& payload) {
    const bool parts = in_place.way_back_from != 0 && in_place.way_back_from < payload.payload_bytes;
    return payload.source_digest && parts == in_place.has_way_back;
}

bool may_be(const Reverse& reverse) {
    const bool is_patch = !reverse.in_place || is_delta(reverse.in_place->format);
    return is_patch && reverse.payload_bytes != 0 && reverse.source_bytes != 0;
}

void read_parameters(CborReader& r, bool there, Bytes& to) {
    if (there) to = r.bytes();
}

void parse_in_place(CborReader& r, bool with_parameters, InPlace& to) {
    r.expect_array(4, Error::unsupported);
    to.shift = r.unsigned32();
    to.source_bytes = r.unsigned32();
    to.erase_bytes = r.unsigned32();
    to.has_way_back = r.peek() == CborType::array;
    if (!to.has_way_back) {
        if (r.simple() != 22) r.fail(Error::malformed);
        return;
    }
    r.expect_array(with_parameters ? 3 : 2, Error::unsupported);
    to.way_back_from = r.unsigned32();
    to.way_back_shift = r.unsigned32();
    read_parameters(r, with_parameters, to.way_back_parameters);
}

// What stands beside a whole image says more of itself.
void parse_reverse_in_place(CborReader& r, Reverse& to) {
    ReverseInPlace& in_place = to.in_place.emplace();
    const std::uint32_t items = r.array();
    const std::uint32_t format = r.unsigned32();
    in_place.format = static_cast<PayloadFormat>(format);
    const bool with_parameters = in_place.format == PayloadFormat::sbd;
    if (format > UINT8_MAX || items != (with_parameters ? 6 : 5)) r.fail(Error::unsupported);
    in_place.decoder_ram_bytes = r.unsigned32();
    r.bytes_into(in_place.source_digest);
    in_place.shift = r.unsigned32();
    in_place.erase_bytes = r.unsigned32();
    read_parameters(r, with_parameters, to.parameters);
}

void parse_reverse(CborReader& r, bool with_parameters, bool in_place, Reverse& to) {
    r.expect_array(with_parameters || in_place ? 4 : 3, Error::unsupported);
    to.payload_bytes = r.unsigned32();
    r.bytes_into(to.first_block);
    to.source_bytes = r.unsigned32();
    if (in_place) return parse_reverse_in_place(r, to);
    read_parameters(r, with_parameters, to.parameters);
}

void parse_description(CborReader& r, PayloadDescriptor& to) {
    const std::uint32_t items = r.array();
    const std::uint32_t format = r.unsigned32();
    to.format = static_cast<PayloadFormat>(format);
    const bool with_parameters = to.format == PayloadFormat::sbd;
    // Behind what each has, a patch for in place or a reverse one may follow, and then claims.
    std::uint32_t more = items - (with_parameters ? 7 : 6);
    if (format > UINT8_MAX || more > 3) r.fail(Error::unsupported);
    to.decoder_ram_bytes = r.unsigned32();
    to.block_bytes = r.unsigned32();
    to.payload_bytes = r.unsigned32();
    r.bytes_into(to.first_block);
    if (r.peek() == CborType::bytes) {
        r.bytes_into(to.source_digest.emplace());
    } else if (r.simple() != 22) {
        r.fail(Error::malformed);
    }
    read_parameters(r, with_parameters, to.parameters);
    const bool has_reverse = more > 1 && r.peek() == CborType::simple;
    if (more == 3 && !has_reverse) r.fail(Error::unsupported);
    if (more != 0 && r.peek() == CborType::array) {
        parse_in_place(r, with_parameters, to.in_place.emplace());
        --more;
    } else if (has_reverse) {
        if (r.simple() != 22) r.fail(Error::unsupported);
        parse_reverse(r, with_parameters, !to.source_digest, to.reverse.emplace());
        more -= 2;
    }
    if (more != 0) static_cast<void>(r.bytes());  // claims: no matter of a device's. One more stands behind the end
    if (to.in_place && !may_be(*to.in_place, to)) r.fail(Error::malformed);
    if (to.reverse && !may_be(*to.reverse)) r.fail(Error::malformed);
    if (to.block_bytes > max_block_data_bytes) r.fail(Error::too_large);
    if (to.block_bytes < min_block_data_bytes || to.payload_bytes == 0 || !source_fits(to)) r.fail(Error::malformed);
}

// One description, or an array of one for each slot.
Result<void> parse_descriptor(Bytes in, Builds& builds) {
    CborReader r(in);
    Package& wanted = builds.wanted;
    if (wanted.build_per_slot) r.expect_array(slot_builds, Error::unsupported);
    for (std::uint32_t each = 0; each < (wanted.build_per_slot ? slot_builds : 1); ++each) {
        PayloadDescriptor other;
        PayloadDescriptor& to = builds.is_wanted(each) ? wanted.payload : other;
        parse_description(r, to);
        if ((to.in_place || to.reverse) && wanted.build_per_slot) r.fail(Error::unsupported);
        if (to.format == PayloadFormat::raw && to.payload_bytes != builds.image_bytes[each])
            r.fail(Error::image_mismatch);
        if (r.ok() && to.reverse) wanted.chains_bytes += bytes_of_chain(to.reverse->payload_bytes, to.block_bytes);
        if (&to != &other) wanted.chain_from = wanted.chains_bytes;
        wanted.chains_bytes += to.chain_bytes();
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

Package reverse_of(const Package& package) {
    const PayloadDescriptor& there = package.payload;
    Package back = package;
    back.manifest.image_bytes = there.reverse->source_bytes;
    back.payload.source_digest = package.manifest.image_digest;
    back.payload.payload_bytes = there.reverse->payload_bytes;
    back.payload.first_block = there.reverse->first_block;
    back.payload.parameters = there.reverse->parameters;
    back.payload.reverse.reset();
    const auto& in_place = there.reverse->in_place;
    back.manifest.image_digest = in_place ? in_place->source_digest : *there.source_digest;
    if (in_place) {
        back.payload.format = in_place->format;
        back.payload.decoder_ram_bytes = in_place->decoder_ram_bytes;
        back.payload.in_place = InPlace{in_place->shift, package.manifest.image_bytes, in_place->erase_bytes};
    }
    back.chain_from = 0;
    back.chains_bytes = back.payload.chain_bytes();
    return back;
}

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

Result<Package> open_package(Bytes envelope, Crypto& crypto, KeyRing ring, std::size_t slot) {
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
    Digest claimed{};
    parse_digest(auth, digest_item, claimed);
    SB_TRY(auth.finish());

    SB_TRY_ASSIGN(const Sign1 manifest_signature, parse_sign1(manifest_block, true));
    SB_TRY_ASSIGN(const Sign1 descriptor_signature, parse_sign1(descriptor, false));
    if (manifest_digest(crypto, manifest) != claimed) return fail(Error::bad_digest);
    SB_TRY(verify_sign1(manifest_signature, {}, digest_item, crypto, ring));
    Result<Package> package{std::in_place};
    Builds builds{.slot = slot, .wanted = *package};
    SB_TRY(parse_manifest(manifest, builds));
    SB_TRY(verify_sign1(descriptor_signature, digest_item, descriptor_signature.payload, crypto, ring));
    SB_TRY(parse_descriptor(descriptor_signature.payload, builds));
    package->id = shorten(sha256(crypto, envelope));
    return package;
}

}  // namespace sb
