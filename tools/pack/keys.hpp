// tools/pack: ES256 keys: made, kept in PEM files as imgtool and openssl read them, and used to sign digests.
// A private key is an OpenSSL key object, whatever provider holds it.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/crypto/crypto.hpp"
#include "tools/pack/problem.hpp"

namespace sb::pack {

class PrivateKey {
public:
    /// A new P-256 key. Errors: environment.
    [[nodiscard]] static Outcome<PrivateKey> generate();
    /// From the text of a PEM file: PKCS#8 ("PRIVATE KEY") or SEC 1 ("EC PRIVATE KEY"). `where` names it in problems.
    /// Errors: bad_input when it is encrypted, a public key, or not P-256.
    [[nodiscard]] static Outcome<PrivateKey> from_pem(std::string_view pem, const std::string& where);
    /// From a PEM file. Errors: environment when it cannot be read; those of from_pem.
    [[nodiscard]] static Outcome<PrivateKey> load(const std::filesystem::path& file);

    [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
    /// PKCS#8, not encrypted.
    [[nodiscard]] Outcome<std::string> pem() const;
    /// ECDSA over a SHA-256 value, r ‖ s. The nonce is random: two signatures of one digest differ.
    [[nodiscard]] Outcome<Signature> sign(const Digest& digest) const;

private:
    PrivateKey(std::shared_ptr<EVP_PKEY> key, const PublicKey& public_key)
        : key_(std::move(key)), public_key_(public_key) {}
    [[nodiscard]] static Outcome<PrivateKey> wrap(std::shared_ptr<EVP_PKEY> key, const std::string& where);

    std::shared_ptr<EVP_PKEY> key_;
    PublicKey public_key_;
};

/// The public key in the text of a PEM file: SubjectPublicKeyInfo, or the public half of a private key.
[[nodiscard]] Outcome<PublicKey> public_key_from_pem(std::string_view pem, const std::string& where);
[[nodiscard]] Outcome<PublicKey> load_public_key(const std::filesystem::path& file);
/// SubjectPublicKeyInfo as PEM.
[[nodiscard]] std::string public_pem(const PublicKey& key);
/// The key as a device holds it: with its hash.
[[nodiscard]] TrustedKey trusted(const PublicKey& key);

/// Where the public half of the key in `file` goes: vendor.pem → vendor.pub.pem.
[[nodiscard]] std::filesystem::path public_file_of(const std::filesystem::path& file);
/// Writes `key` to `file` (readable by its owner only) and its public half beside it.
/// Errors: usage when one of the two files exists (a key is never overwritten); environment. Nothing stays behind
/// after an error.
[[nodiscard]] Outcome<void> write_key_pair(const PrivateKey& key, const std::filesystem::path& file);

}  // namespace sb::pack
