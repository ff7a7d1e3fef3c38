// tools/pack: what the labels of SUIT and COSE are called, and which of them the strict profile has. Those that core
// reads are its constants; the others stand here alone.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/manifest/labels.hpp"
#include "tools/pack/cbor_tree.hpp"

namespace sb::pack {

struct Name {
    std::int64_t label;
    const char* name;
    bool in_profile;  ///< whether the strict profile has it
};

// Names as the draft's CDDL has them, without "suit-".
inline constexpr Name envelope_names[] = {{suit::authentication, "authentication-wrapper", true},
                                          {suit::manifest, "manifest", true},
                                          {16, "payload-fetch", false},
                                          {20, "install", false},
                                          {23, "text", false},
                                          {suit::payload_descriptor, "payload-descriptor", true}};
inline constexpr Name manifest_names[] = {{suit::version, "manifest-version", true},
                                          {suit::sequence_number, "manifest-sequence-number", true},
                                          {suit::common, "common", true},
                                          {4, "reference-uri", false},
                                          {suit::validate, "validate", true},
                                          {8, "load", false},
                                          {9, "invoke", false},
                                          {16, "payload-fetch", false},
                                          {20, "install", false},
                                          {23, "text", false}};
inline constexpr Name common_names[] = {{suit::components, "components", true},
                                        {suit::shared_sequence, "shared-sequence", true}};
inline constexpr Name command_names[] = {{suit::condition_vendor_id, "condition-vendor-identifier", true},
                                         {suit::condition_class_id, "condition-class-identifier", true},
                                         {suit::condition_image_match, "condition-image-match", true},
                                         {suit::condition_component_slot, "condition-component-slot", true},
                                         {6, "condition-check-content", false},
                                         {12, "directive-set-component-index", false},
                                         {14, "condition-abort", false},
                                         {suit::directive_try_each, "directive-try-each", true},
                                         {18, "directive-write", false},
                                         {suit::override_parameters, "directive-override-parameters", true},
                                         {21, "directive-fetch", false},
                                         {22, "directive-copy", false},
                                         {23, "directive-invoke", false},
                                         {24, "condition-device-identifier", false},
                                         {31, "directive-swap", false},
                                         {32, "directive-run-sequence", false}};
inline constexpr Name parameter_names[] = {{suit::vendor_id, "vendor-identifier", true},
                                           {suit::class_id, "class-identifier", true},
                                           {suit::image_digest, "image-digest", true},
                                           {suit::component_slot, "component-slot", true},
                                           {12, "strict-order", false},
                                           {13, "soft-failure", false},
                                           {suit::image_size, "image-size", true},
                                           {18, "content", false},
                                           {21, "uri", false},
                                           {22, "source-component", false},
                                           {23, "invoke-args", false},
                                           {24, "device-identifier", false},
                                           {25, "fetch-arguments", false},
                                           {suit::security_counter, "security-counter", true}};
inline constexpr Name text_names[] = {{1, "manifest-description", false},
                                      {2, "update-description", false},
                                      {3, "manifest-json-source", false},
                                      {4, "manifest-yaml-source", false}};
inline constexpr Name component_text_names[] = {{1, "vendor-name", false},           {2, "model-name", false},
                                                {3, "vendor-domain", false},         {4, "model-info", false},
                                                {5, "component-description", false}, {6, "component-version", false}};
inline constexpr Name digest_names[] = {{suit::sha256_algorithm, "sha-256", true},
                                        {-18, "shake128", false},
                                        {-43, "sha-384", false},
                                        {-44, "sha-512", false},
                                        {-45, "shake256", false}};
inline constexpr Name algorithm_names[] = {
    {-7, "ES256", true}, {-35, "ES384", false}, {-36, "ES512", false}, {-8, "EdDSA", false}, {5, "HMAC-256", false}};

inline const Name* find(std::span<const Name> names, std::optional<std::int64_t> label) {
    for (const Name& each : names) {
        if (label && each.label == *label) return &each;
    }
    return nullptr;
}

inline std::string name_of(std::span<const Name> names, const CborItem& key) {
    const Name* known = find(names, key.integer());
    return known != nullptr ? known->name : "label " + key.json().dump();
}

}  // namespace sb::pack
