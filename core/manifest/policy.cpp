#include "core/manifest/package.hpp"

namespace sb {

namespace {

bool can_decode(const PayloadDescriptor& payload, std::span<const DecoderOffer> decoders) {
    if (payload.format == PayloadFormat::raw && payload.decoder_ram_bytes == 0) return true;
    for (const DecoderOffer& offer : decoders) {
        if (offer.format == payload.format && offer.ram_bytes >= payload.decoder_ram_bytes) return true;
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
    if (payload.reverse) {
        const Package back = reverse_of(package);
        if (device.running_digest && device.running_digest != back.manifest.image_digest)
            return fail(Error::wrong_source);
        if (!can_decode(back.payload, device.decoders)) return fail(Error::no_decoder);
    }
    if (!can_decode(payload, device.decoders)) return fail(Error::no_decoder);
    if (manifest.image_bytes > device.slot_bytes || payload.block_bytes > device.max_block_bytes)
        return fail(Error::too_large);
    return {};
}

}  // namespace sb
