#include "sim/device/directory.hpp"

#include <nlohmann/json.hpp>

#include "sim/device/part_file.hpp"
#include "tools/layout/check.hpp"
#include "tools/pack/hex.hpp"
#include "tools/pack/keys.hpp"

namespace sb::sim {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Kind = pack::Problem::Kind;
using File = std::vector<std::uint8_t>;

constexpr int directory_format = 1;
constexpr const char* remake = "make the device again with 'switchback device new'";

File file_of(const std::string& text) {
    return {text.begin(), text.end()};
}

std::unexpected<pack::Problem> damaged(const fs::path& file, const std::string& what) {
    return pack::problem(Kind::bad_input, file.string(), what, remake);
}

/// The text of a file that must be there.
pack::Outcome<std::string> text_of(const Store& store, const std::string& name) {
    auto file = store.read(name);
    if (!file) return std::unexpected(file.error());
    if (!*file) return damaged(store.dir() / name, "the device has no such file");
    return std::string((*file)->begin(), (*file)->end());
}

Uuid uuid_of(const Json& json, const char* key) {
    const auto bytes = from_hex(json.at(key).get<std::string>());
    Uuid uuid{};
    if (!bytes || bytes->size() != uuid.size()) throw std::out_of_range(std::string(key) + " is not a UUID");
    copy(uuid, *bytes);
    return uuid;
}

Json identity_json(const Identity& identity) {
    return {{"format", directory_format},
            {"class", identity.class_name},
            {"vendor_id", to_hex(identity.vendor)},
            {"class_id", to_hex(identity.device_class)},
            {"device_id", identity.device_id}};
}

pack::Outcome<Identity> read_identity(const Store& store) {
    const auto text = text_of(store, "device.json");
    if (!text) return std::unexpected(text.error());
    try {
        const Json json = Json::parse(*text);
        if (json.at("format").get<int>() != directory_format) throw std::out_of_range("unknown format");
        return Identity{json.at("class").get<std::string>(), uuid_of(json, "vendor_id"), uuid_of(json, "class_id"),
                        json.at("device_id").get<std::string>()};
    } catch (const std::exception& e) {
        return damaged(store.dir() / "device.json", e.what());
    }
}

/// A layout's problem as one of the directory.
std::unexpected<pack::Problem> of_layout(const layout::Problem& problem) {
    return pack::problem(problem.cannot_read ? Kind::environment : Kind::bad_input, problem.where(), problem.what,
                         problem.fix);
}

pack::Outcome<layout::Layout> checked(const layout::Source& source) {
    auto layout = layout::parse(source);
    if (!layout) return of_layout(layout.error());
    if (auto found = layout::check(*layout); !found) return of_layout(found.error());
    return std::move(*layout);
}

pack::Outcome<std::vector<TrustedKey>> read_keys(const Store& store) {
    std::vector<TrustedKey> keys;
    for (const std::string& name : store.list("keys")) {
        const auto text = text_of(store, "keys/" + name);
        if (!text) return std::unexpected(text.error());
        const auto key = pack::public_key_from_pem(*text, (store.dir() / "keys" / name).string());
        if (!key) return std::unexpected(key.error());
        keys.push_back(pack::trusted(*key));
    }
    return keys;
}

std::string ram_text(const Running& running) {
    const Json json = {{"running", running.slot ? Json(*running.slot == SlotId::a ? "A" : "B") : Json(nullptr)},
                       {"decision", static_cast<int>(running.decision)},
                       {"cause", static_cast<int>(running.cause)},
                       {"on_trial", running.on_trial}};
    return json.dump() + "\n";
}

/// What stands in ram.json; a file that makes no sense is a device without power.
/// Anything but a slot's name is no state a device can be in: it then counts as powered off.
SlotId slot_of(const std::string& name) {
    if (name != "A" && name != "B") throw Json::other_error::create(501, "no slot of that name", nullptr);
    return name == "A" ? SlotId::a : SlotId::b;
}

std::optional<Running> running_of(const std::optional<File>& file) {
    if (!file) return std::nullopt;
    try {
        const Json json = Json::parse(*file);
        Running running;
        if (const Json& slot = json.at("running"); !slot.is_null()) running.slot = slot_of(slot.get<std::string>());
        running.decision = static_cast<Decision>(json.at("decision").get<std::uint8_t>());
        running.cause = static_cast<Error>(json.at("cause").get<std::uint8_t>());
        running.on_trial = json.value("on_trial", false);
        return running;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

/// What the battery gives; a device that nothing was said of has a good one.
std::uint32_t millivolts_of(const std::optional<File>& file, std::uint32_t otherwise) {
    if (!file) return otherwise;
    try {
        return Json::parse(*file).at("millivolts").get<std::uint32_t>();
    } catch (const Json::exception&) {
        return otherwise;
    }
}

pack::Outcome<void> read_parts(const Store& store, Device& device) {
    for (std::size_t i = 0; i < device.parts().size(); ++i) {
        const std::string& name = device.layout().parts[i].name;
        auto cells = store.read(name + ".flash");
        auto state = store.read(name + ".state");
        if (!cells) return std::unexpected(cells.error());
        if (!state) return std::unexpected(state.error());
        if (!*cells) return damaged(store.dir() / (name + ".flash"), "the device has no such file");
        if (!*state) return damaged(store.dir() / (name + ".state"), "the device has no such file");
        const std::string text((*state)->begin(), (*state)->end());
        auto restored = restore_part(*device.parts()[i], std::move(**cells), text, (store.dir() / name).string());
        if (!restored) return restored;
    }
    return {};
}

}  // namespace

pack::Outcome<void> Directory::may_create(const fs::path& dir) {
    std::error_code error;
    if (fs::exists(dir, error) && (!fs::is_directory(dir, error) || !fs::is_empty(dir, error)))
        return pack::problem(Kind::usage, dir.string(), "something is there already", "name a new directory");
    return {};
}

pack::Outcome<std::unique_ptr<Device>> Directory::build(const Recipe& recipe) {
    auto layout = checked(recipe.layout);
    if (!layout) return std::unexpected(layout.error());
    return std::make_unique<Device>(std::move(*layout), recipe.identity, std::vector{pack::trusted(recipe.key)});
}

pack::Outcome<void> Directory::create(const fs::path& dir, const Recipe& recipe, std::unique_ptr<Device> device) {
    if (auto free = may_create(dir); !free) return free;
    std::error_code error;
    const bool made = fs::create_directories(dir, error);
    auto store = Store::open(dir, Access::fresh);
    if (!store) return std::unexpected(store.error());
    Directory directory(std::move(*store), std::move(device));
    directory.other_files_ = {{"device.json", file_of(identity_json(recipe.identity).dump(2) + "\n")},
                              {"layout.toml", file_of(recipe.layout.text)},
                              {"keys/" + recipe.key_name, file_of(pack::public_pem(recipe.key))}};
    auto saved = directory.save();
    if (!saved && made) fs::remove_all(dir, error);
    return saved;
}

pack::Outcome<Directory> Directory::open(const fs::path& dir, Access access) {
    auto store = Store::open(dir, access);
    if (!store) return std::unexpected(store.error());
    auto identity = read_identity(*store);
    if (!identity) return std::unexpected(identity.error());
    const auto text = text_of(*store, "layout.toml");
    if (!text) return std::unexpected(text.error());
    auto layout = checked({(dir / "layout.toml").string(), *text});
    if (!layout) return std::unexpected(layout.error());
    auto keys = read_keys(*store);
    if (!keys) return std::unexpected(keys.error());
    auto ram = store->read("ram.json");
    if (!ram) return std::unexpected(ram.error());
    auto supply = store->read("supply.json");
    if (!supply) return std::unexpected(supply.error());

    auto device = std::make_unique<Device>(std::move(*layout), std::move(*identity), std::move(*keys));
    if (auto read = read_parts(*store, *device); !read) return std::unexpected(read.error());
    device->set_running(running_of(*ram));
    device->battery().millivolts = millivolts_of(*supply, device->battery().millivolts);
    return Directory(std::move(*store), std::move(device));
}

std::uint64_t Directory::sent_before(Bytes package) {
    const auto file = store_.read("sender.json");
    if (!file || !*file) return 0;
    try {
        const Json json = Json::parse(**file);
        if (json.at("package").get<std::string>() != to_hex(sha256(device_->crypto(), package))) return 0;
        return json.at("sent_bytes").get<std::uint64_t>();
    } catch (const Json::exception&) {
        return 0;  // only a figure in a report depends on it
    }
}

void Directory::remember_sent(Bytes package, std::uint64_t bytes) {
    const Json json = {{"package", to_hex(sha256(device_->crypto(), package))}, {"sent_bytes", bytes}};
    other_files_["sender.json"] = file_of(json.dump() + "\n");
}

pack::Outcome<void> Directory::save() {
    auto files = other_files_;
    for (std::size_t i = 0; i < device_->parts().size(); ++i) {
        const FlashContent& content = device_->parts()[i]->content();
        const std::string& name = device_->layout().parts[i].name;
        files[name + ".flash"] = content.cells;
        files[name + ".state"] = file_of(part_state_text(content));
    }
    files["supply.json"] = file_of(Json({{"millivolts", device_->battery().millivolts}}).dump() + "\n");
    std::vector<std::string> gone;
    if (device_->running())
        files["ram.json"] = file_of(ram_text(*device_->running()));
    else
        gone.emplace_back("ram.json");
    auto saved = store_.replace(files, gone);
    if (saved) other_files_.clear();
    return saved;
}

}  // namespace sb::sim
