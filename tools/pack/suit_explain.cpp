#include "tools/pack/suit_explain.hpp"

#include <algorithm>
#include <memory>

#include "core/base/error_name.hpp"
#include "core/manifest/labels.hpp"
#include "core/manifest/sign1.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "ports/host/trusting_crypto.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/cbor_tree.hpp"
#include "tools/pack/cbor_writer.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/hex.hpp"
#include "tools/pack/suit_names.hpp"

namespace sb::pack {

namespace {

using Json = nlohmann::ordered_json;

class Explainer {
public:
    explicit Explainer(KeyRing keys) : keys_(keys) {}

    void envelope(const CborItem& map);

    SuitExplanation out;

private:
    void reason(std::string why) {
        if (std::find(out.reasons.begin(), out.reasons.end(), why) == out.reasons.end())
            out.reasons.push_back(std::move(why));
    }
    void outside(const char* kind, const std::string& name, const char* because) {
        reason(std::string(kind) + " " + name + ": " + because);
    }

    // The CBOR inside a byte string; null when there is none (the tree then says why).
    const CborItem* inside(const CborItem& item, Json& failure);
    Json digest(const CborItem& item);
    Json embedded_digest(const CborItem& item);
    Json authentication(const CborItem& item, const CborItem* manifest);
    Json signature(const CborItem& item, Bytes external_aad, Bytes detached, bool& verifies);
    Json manifest(const CborItem& item);
    Json manifest_member(std::int64_t label, const CborItem& value);
    Json common(const CborItem& item);
    Json components(const CborItem& item);
    Json sequence(const CborItem& item);
    Json command(const CborItem& code, const CborItem& argument);
    Json try_each(const CborItem& item);
    Json parameters(const CborItem& map);
    Json severed(const CborItem& item, std::int64_t label, const CborItem* manifest);
    Json text(const CborItem& item);
    Json descriptor(const CborItem& item);

    KeyRing keys_;
    Bytes digest_item_;  // the SUIT_Digest that both signatures cover
    std::vector<std::unique_ptr<CborItem>> kept_;
};

const CborItem* Explainer::inside(const CborItem& item, Json& failure) {
    if (item.type != CborType::bytes) {
        failure = {{"not a byte string", item.json()}};
        reason("a member is not a byte string");
        return nullptr;
    }
    auto read = read_cbor(item.content);
    if (!read) {
        failure = {{"cannot be read", error_name(read.error().error)}, {"bytes", to_hex(item.content)}};
        reason(std::string("a byte string holds no deterministic CBOR: ") + error_name(read.error().error));
        return nullptr;
    }
    return kept_.emplace_back(std::make_unique<CborItem>(std::move(*read))).get();
}

Json Explainer::digest(const CborItem& item) {
    if (item.type != CborType::array || item.items.size() < 2) return item.json();
    const Name* known = find(digest_names, item.items[0].integer());
    if (known == nullptr || !known->in_profile)
        outside("uses digest algorithm", name_of(digest_names, item.items[0]), "only sha-256 is in the strict profile");
    return {{"algorithm", name_of(digest_names, item.items[0])}, {"bytes", item.items[1].json()}};
}

Json Explainer::embedded_digest(const CborItem& item) {
    Json failure;
    const CborItem* content = inside(item, failure);
    return content != nullptr ? digest(*content) : failure;
}

// One COSE_Sign1; others are named and left at that.
Json Explainer::signature(const CborItem& item, Bytes external_aad, Bytes detached, bool& verifies) {
    verifies = false;
    if (item.type != CborType::tag || item.number != cose::tag_sign1 || item.items[0].items.size() != 4) {
        reason("is authenticated by something else than COSE_Sign1");
        return item.json();
    }
    const auto& parts = item.items[0].items;
    Json failure;
    const CborItem* header = inside(parts[0], failure);
    const CborItem* algorithm = header != nullptr ? header->find(1) : nullptr;
    Json json{{"type", "COSE_Sign1"},
              {"algorithm", algorithm != nullptr ? name_of(algorithm_names, *algorithm) : "none"}};
    if (algorithm == nullptr || algorithm->integer() != -7)
        outside("is signed with", json["algorithm"], "only ES256 is in the strict profile");
    const CborItem* kid = parts[1].find(cose::header_kid);
    if (kid != nullptr) json["kid"] = kid->json();
    if (kid == nullptr || kid->content.size() != cose::kid_bytes)
        reason("a signature names its key by no kid of 8 bytes");

    const Bytes payload = parts[2].type == CborType::bytes ? parts[2].content : detached;
    if (algorithm == nullptr || algorithm->integer() != -7 || parts[3].content.size() != sizeof(Signature)) return json;
    Signature value;
    copy(value, parts[3].content);
    OpensslCrypto crypto;
    const auto context = cbor::array(
        {cbor::item("Signature1"), cbor::bytes(parts[0].content), cbor::bytes(external_aad), cbor::bytes(payload)});
    const Digest signed_digest = sha256(crypto, context);
    for (const TrustedKey& key : keys_) {
        if (!crypto.p256_verify(key.key, signed_digest, value)) continue;
        verifies = true;
        json["key_hash"] = to_hex(key.hash);
    }
    if (!keys_.empty()) json["verifies"] = verifies;
    return json;
}

Json Explainer::authentication(const CborItem& item, const CborItem* manifest) {
    Json json;
    const CborItem* list = inside(item, json);
    if (list == nullptr || list->items.empty()) return json;
    digest_item_ = list->items[0].content;
    json["digest"] = embedded_digest(list->items[0]);
    if (manifest != nullptr) {
        OpensslCrypto crypto;
        out.digest_matches = json["digest"].is_object() &&
                             json["digest"].value("bytes", Json()) == to_hex(sha256(crypto, manifest->encoded));
        json["digest"]["matches manifest"] = out.digest_matches;
        if (!out.digest_matches) reason("the digest is not the manifest's");
    }
    json["signatures"] = Json::array();
    for (std::size_t i = 1; i < list->items.size(); ++i) {
        Json failure;
        const CborItem* block = inside(list->items[i], failure);
        bool verifies = false;
        json["signatures"].push_back(block != nullptr ? signature(*block, {}, digest_item_, verifies) : failure);
        out.verified = out.verified || (verifies && out.digest_matches);
    }
    if (list->items.size() != 2)
        reason("holds " + std::to_string(list->items.size() - 1) + " signatures of the manifest instead of one");
    return json;
}

Json Explainer::parameters(const CborItem& map) {
    Json json = Json::object();
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        const CborItem& value = map.items[i + 1];
        const std::string name = name_of(parameter_names, map.items[i]);
        const Name* known = find(parameter_names, map.items[i].integer());
        if (known == nullptr || !known->in_profile) outside("sets parameter", name, "not in the strict profile");
        if (known != nullptr &&
            (known->label == suit::vendor_id || known->label == suit::class_id || known->label == 24) &&
            value.content.size() == sizeof(Uuid)) {
            Uuid uuid;
            copy(uuid, value.content);
            json[name] = to_string(uuid);
        } else if (known != nullptr && known->label == suit::image_digest) {
            json[name] = embedded_digest(value);
        } else {
            json[name] = value.json();
        }
    }
    return json;
}

// Whether a sequence is what the strict profile tries for a slot: one override, and the condition.
bool is_for_slot(const CborItem& item) {
    const auto read = read_cbor(item.content);
    return read && read->items.size() == 4 && read->items[0].integer() == suit::override_parameters &&
           read->items[2].integer() == suit::condition_component_slot;
}

Json Explainer::try_each(const CborItem& item) {
    Json json = Json::array();
    if (item.items.size() != slot_builds || !std::ranges::all_of(item.items, is_for_slot))
        outside("uses", "directive-try-each", "the strict profile has it for the builds of two slots alone");
    for (const CborItem& each : item.items) json.push_back(each.type == CborType::bytes ? sequence(each) : each.json());
    return json;
}

Json Explainer::command(const CborItem& code, const CborItem& argument) {
    const std::string name = name_of(command_names, code);
    const Name* known = find(command_names, code.integer());
    if (known == nullptr || !known->in_profile) outside("uses", name, "not in the strict profile");
    if (known != nullptr && known->label == suit::override_parameters) return {{name, parameters(argument)}};
    if (known != nullptr && known->label == suit::directive_try_each) return {{name, try_each(argument)}};
    if (known != nullptr && known->label == 32) return {{name, sequence(argument)}};
    return {{name, argument.json()}};
}

Json Explainer::sequence(const CborItem& item) {
    Json json;
    const CborItem* list = inside(item, json);
    if (list == nullptr) return json;
    json = Json::array();
    for (std::size_t i = 0; i + 1 < list->items.size(); i += 2)
        json.push_back(command(list->items[i], list->items[i + 1]));
    return json;
}

Json Explainer::components(const CborItem& item) {
    if (item.items.size() != 1)
        reason("has " + std::to_string(item.items.size()) + " components: the strict profile has one");
    else if (item.items[0].encoded.size() != 3 ||
             !equal(item.items[0].encoded, std::array<std::uint8_t, 3>{0x81, 0x41, 0x00}))
        reason("names a component other than [h'00']");
    return item.json();
}

Json Explainer::common(const CborItem& item) {
    Json json;
    const CborItem* map = inside(item, json);
    if (map == nullptr) return json;
    for (std::size_t i = 0; i + 1 < map->items.size(); i += 2) {
        const CborItem& value = map->items[i + 1];
        const auto label = map->items[i].integer();
        const std::string name = name_of(common_names, map->items[i]);
        if (label == suit::components) {
            json[name] = components(value);
        } else if (label == suit::shared_sequence) {
            json[name] = sequence(value);
            if (json[name].dump().find("\"security-counter\"") == std::string::npos)
                reason("sets no security counter (private parameter -256)");
        } else {
            json[name] = value.json();
            outside("has common member", name, "not in the strict profile");
        }
    }
    return json;
}

// Text of one language: labels have text, components have labelled texts of their own.
Json texts_of(const CborItem& map) {
    Json json = Json::object();
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        const CborItem& key = map.items[i];
        const CborItem& value = map.items[i + 1];
        if (key.type != CborType::array) {
            json[name_of(text_names, key)] = value.json();
            continue;
        }
        Json& component = json["component " + key.json().dump()] = Json::object();
        for (std::size_t k = 0; k + 1 < value.items.size(); k += 2)
            component[name_of(component_text_names, value.items[k])] = value.items[k + 1].json();
    }
    return json;
}

Json Explainer::text(const CborItem& item) {
    Json json;
    const CborItem* languages = inside(item, json);
    if (languages == nullptr || languages->type != CborType::map) return json;
    for (std::size_t i = 0; i + 1 < languages->items.size(); i += 2)
        json[languages->items[i].json().is_string() ? languages->items[i].json().get<std::string>() : "?"] =
            texts_of(languages->items[i + 1]);
    return json;
}

Json Explainer::manifest_member(std::int64_t label, const CborItem& value) {
    switch (label) {
        case suit::common:
            return common(value);
        case suit::validate:
        case 8:
        case 9:
            return sequence(value);
        case 16:
        case 20:
        case 23:
            if (value.type == CborType::array) return {{"severed", digest(value)}};
            return label == 23 ? text(value) : sequence(value);
        default:
            return value.json();
    }
}

Json Explainer::manifest(const CborItem& item) {
    Json json;
    const CborItem* map = inside(item, json);
    if (map == nullptr) return json;
    json = Json::object();
    for (std::size_t i = 0; i + 1 < map->items.size(); i += 2) {
        const std::string name = name_of(manifest_names, map->items[i]);
        const Name* known = find(manifest_names, map->items[i].integer());
        if (known == nullptr || !known->in_profile) outside("has manifest member", name, "not in the strict profile");
        json[name] = known != nullptr ? manifest_member(known->label, map->items[i + 1]) : map->items[i + 1].json();
    }
    if (map->find(suit::validate) == nullptr) reason("has no validate sequence");
    return json;
}

// A member that stands in the envelope: its digest stands in the manifest.
Json Explainer::severed(const CborItem& item, std::int64_t label, const CborItem* manifest) {
    Json json{{"content", label == 23 ? text(item) : sequence(item)}};
    Json failure;
    const CborItem* map = manifest != nullptr ? inside(*manifest, failure) : nullptr;
    const CborItem* named = map != nullptr ? map->find(label) : nullptr;
    OpensslCrypto crypto;
    json["matches manifest"] =
        named != nullptr && named->items.size() >= 2 && equal(named->items[1].content, sha256(crypto, item.encoded));
    return json;
}

Json format_of(const CborItem& item) {
    const auto number = item.integer();
    if (!number || *number < 0 || *number > UINT8_MAX) return item.json();
    return pack::format_name(static_cast<PayloadFormat>(*number));
}

// One payload of the descriptor.
Json description_of(const CborItem& item) {
    const auto& p = item.items;
    if (p.size() < 6 || p.size() > 10) return {{"content", item.json()}};
    Json json = {{"format", format_of(p[0])},    {"decoder_ram_bytes", p[1].json()}, {"block_bytes", p[2].json()},
                 {"payload_bytes", p[3].json()}, {"first_block", p[4].json()},       {"source_sha256", p[5].json()}};
    const bool with_parameters = p[0].integer() == static_cast<std::int64_t>(PayloadFormat::sbd);
    for (std::size_t i = 6; i < p.size(); ++i) {
        const char* const bytes = i == 6 && with_parameters ? "parameters" : "claims";
        // A reverse patch has null before it, in place of the patch that works in place.
        const bool is_reverse = p[i].type == CborType::array && p[i - 1].type == CborType::simple && i > 6;
        json[p[i].type == CborType::bytes ? bytes : is_reverse ? "reverse" : "in_place"] = p[i].json();
    }
    return json;
}

Json Explainer::descriptor(const CborItem& item) {
    Json json;
    const CborItem* block = inside(item, json);
    if (block == nullptr) return json;
    bool verifies = false;
    const Json signed_by = signature(*block, digest_item_, {}, verifies);
    if (block->type == CborType::tag && block->items[0].items.size() == 4) {
        const CborItem* content = inside(block->items[0].items[2], json);
        if (content != nullptr && content->items.size() == slot_builds)
            json = {{"slot A", description_of(content->items[0])}, {"slot B", description_of(content->items[1])}};
        else if (content != nullptr)
            json = description_of(*content);
    }
    json["signature"] = signed_by;
    return json;
}

void Explainer::envelope(const CborItem& map) {
    const CborItem* manifest_item = map.find(suit::manifest);
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        const CborItem& value = map.items[i + 1];
        const Name* known = find(envelope_names, map.items[i].integer());
        const std::string name = name_of(envelope_names, map.items[i]);
        if (known == nullptr || !known->in_profile)
            outside(map.items[i].type == CborType::text ? "carries an integrated payload" : "carries envelope member",
                    name, "not in the strict profile");
        switch (known != nullptr ? known->label : 0) {
            case suit::authentication:
                out.tree[name] = authentication(value, manifest_item);
                break;
            case suit::manifest:
                out.tree[name] = manifest(value);
                break;
            case suit::payload_descriptor:
                out.tree[name] = descriptor(value);
                break;
            case 16:
            case 20:
            case 23:
                out.tree["severed"][name] = severed(value, known->label, manifest_item);
                break;
            default:
                out.tree[name] = value.json();
        }
    }
    if (map.find(suit::payload_descriptor) == nullptr)
        reason("has no payload descriptor (private envelope member -256)");
    if (manifest_item == nullptr) reason("has no manifest");
}

// Keys that have the names that the signatures give: with TrustingCrypto they pass every signature.
std::vector<TrustedKey> named_keys(const CborItem& map) {
    std::vector<TrustedKey> keys;
    const auto add = [&keys](const CborItem& bytes) {
        const auto block = read_cbor(bytes.content);
        if (!block || block->type != CborType::tag || block->items[0].items.size() != 4) return;
        const CborItem* kid = block->items[0].items[1].find(cose::header_kid);
        if (kid == nullptr || kid->content.size() != cose::kid_bytes) return;
        copy(MutableBytes(keys.emplace_back().hash), kid->content);
    };
    if (const CborItem* descriptor = map.find(suit::payload_descriptor)) add(*descriptor);
    const CborItem* authentication = map.find(suit::authentication);
    const auto list = read_cbor(authentication != nullptr ? authentication->content : Bytes{});
    if (list && list->items.size() > 1) add(list->items[1]);
    return keys;
}

}  // namespace

bool looks_like_suit(Bytes file) {
    return file.size() >= 2 && file[0] == 0xD8 && file[1] == suit::tag_envelope;
}

Outcome<SuitExplanation> explain_suit(Bytes file, KeyRing keys) {
    const auto tree = read_cbor_item(file);
    if (!tree)
        return problem(Problem::Kind::bad_input, "offset " + std::to_string(tree.error().offset),
                       std::string("is not deterministic CBOR: ") + error_name(tree.error().error));
    if (tree->type != CborType::tag || tree->number != suit::tag_envelope || tree->items[0].type != CborType::map)
        return problem(Problem::Kind::bad_input, "offset 0", "is not a SUIT envelope: no tag 107 over a map");

    Explainer explainer(keys);
    explainer.envelope(tree->items[0]);
    SuitExplanation out = std::move(explainer.out);
    out.envelope_bytes = tree->encoded.size();

    TrustingCrypto crypto;  // the core judges the structure alone
    const std::vector<TrustedKey> ring = named_keys(tree->items[0]);
    const auto builds = open_builds(tree->encoded, crypto, ring);
    out.strict_error = builds ? Error::none : builds.error();
    if (builds) out.builds = *builds;
    if (!builds && out.reasons.empty())
        out.reasons.push_back(std::string("is refused by the parser: ") + error_name(out.strict_error));
    out.tree["strict_profile"] = {
        {"taken", builds.has_value()}, {"error", error_name(out.strict_error)}, {"reasons", out.reasons}};
    return out;
}

std::string outline(const Json& tree, int indent) {
    const std::string margin(static_cast<std::size_t>(indent) * 2, ' ');
    std::string text;
    const auto line = [&](const std::string& head, const Json& value) {
        if (value.is_structured() && !value.empty())
            text += margin + head + "\n" + outline(value, indent + 1);
        else
            text += margin + head + " " + (value.is_string() ? value.get<std::string>() : value.dump()) + "\n";
    };
    if (tree.is_object()) {
        for (const auto& [key, value] : tree.items()) line(key + ":", value);
    } else {
        for (const Json& value : tree) {
            if (value.is_object())
                text += outline(value, indent);
            else
                line("-", value);
        }
    }
    return text;
}

}  // namespace sb::pack
