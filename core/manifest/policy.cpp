#include "core/manifest/package.hpp"

namespace sb {

namespace {

bool can_decode(PayloadFormat format, std::uint32_t ram_bytes, std::span<const DecoderOffer> decoders) {
    if (format == PayloadFormat::raw && ram_bytes == 0) return true;
    for (const DecoderOffer& offer : decoders) {
        if (offer.format == format && offer.ram_bytes >= ram_bytes) return true;
    }
    return false;
}

}  // namespace

Result<void> check_policy(const Package& package, const DeviceFacts& device) {
    const Manifest& manifest = package.manifest;
    const PayloadDescriptor& payload = package.payload;
    if (manifest.vendor != device.vendor || manifest.device_class != device.device_class)
        return fail(Error::wrong_class);
    if (manifest.sequence < device.confirmed_sequence && !device.allow_downgrade) return fail(Error::older);
    if (manifest.security_counter < device.security_floor) return fail(Error::below_floor);
    if (payload.source_digest && payload.source_digest != device.running_digest) return fail(Error::wrong_source);
    if (payload.reverse && payload.reverse->in_place) {
        const ReverseInPlace& back = *payload.reverse->in_place;
        if (device.running_digest && device.running_digest != back.source_digest) return fail(Error::wrong_source);
        if (!can_decode(back.format, back.decoder_ram_bytes, device.decoders)) return fail(Error::no_decoder);
    }
    if (!can_decode(payload.format, payload.decoder_ram_bytes, device.decoders)) return fail(Error::no_decoder);
    if (manifest.image_bytes > device.slot_bytes || payload.block_bytes > device.max_block_bytes)
        return fail(Error::too_large);
    return {};
}

}  // namespace sb
