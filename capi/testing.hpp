// capi: what its tests and examples share: simulated parts and real cryptography, as C gets at them.
#pragma once

#include "capi/switchback.h"
#include "core/crypto/crypto.hpp"
#include "core/flash/flash.hpp"

namespace sb::capi_testing {

[[nodiscard]] inline int answer(const Result<void>& result) {
    return result ? 0 : static_cast<int>(result.error());
}

/// A part of core's as callbacks. Requires: `part` and its erase map outlive it.
[[nodiscard]] inline switchback_flash as_c(Flash& part) {
    const Geometry& geometry = part.geometry();
    switchback_flash made{};
    made.context = &part;
    made.read = [](void* self, std::uint32_t offset, void* to, std::size_t bytes) {
        return answer(static_cast<Flash*>(self)->read(offset, {static_cast<std::uint8_t*>(to), bytes}));
    };
    made.program = [](void* self, std::uint32_t offset, const void* from, std::size_t bytes) {
        return answer(static_cast<Flash*>(self)->program(offset, {static_cast<const std::uint8_t*>(from), bytes}));
    };
    made.erase = [](void* self, std::uint32_t offset) { return answer(static_cast<Flash*>(self)->erase(offset)); };
    made.erase_map = reinterpret_cast<const switchback_erase_run*>(geometry.erase_map.data());
    made.erase_runs = geometry.erase_map.size();
    made.bytes = geometry.bytes;
    made.granule = geometry.granule;
    made.erased = geometry.erased;
    made.erased_unreadable = !geometry.erased_readable;
    made.reprogram_same = geometry.reprogram_same;
    made.ecc = geometry.ecc;
    return made;
}

[[nodiscard]] inline Sha256State& state_of(const switchback_sha256* state) {
    return *reinterpret_cast<Sha256State*>(const_cast<switchback_sha256*>(state));
}

/// Cryptography of core's as callbacks. Requires: it outlives them.
[[nodiscard]] inline switchback_crypto as_c(Crypto& crypto) {
    switchback_crypto made{};
    made.context = &crypto;
    made.sha256_start = [](void* self, switchback_sha256* state) {
        static_cast<Crypto*>(self)->sha256_start(state_of(state));
    };
    made.sha256_update = [](void* self, switchback_sha256* state, const void* data, std::size_t bytes) {
        static_cast<Crypto*>(self)->sha256_update(state_of(state), {static_cast<const std::uint8_t*>(data), bytes});
    };
    made.sha256_digest = [](void* self, const switchback_sha256* state, std::uint8_t* digest) {
        copy({digest, 32}, static_cast<Crypto*>(self)->sha256_digest(state_of(state)));
    };
    made.p256_verify = [](void* self, const std::uint8_t* key, const std::uint8_t* digest,
                          const std::uint8_t* signature) {
        PublicKey k;
        Digest d;
        Signature s;
        copy(k, {key, k.size()});
        copy(d, {digest, d.size()});
        copy(s, {signature, s.size()});
        return static_cast<Crypto*>(self)->p256_verify(k, d, s);
    };
    return made;
}

}  // namespace sb::capi_testing
