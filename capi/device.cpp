#include "capi/device.hpp"

#include <algorithm>

#include "capi/map.hpp"

namespace sb::capi {
namespace {

constexpr std::uint32_t usual_block_bytes = 1024;
constexpr std::uint8_t usual_tries = 3;

static_assert(to_c(SlotId::a) == SWITCHBACK_SLOT_A && to_c(SlotId::b) == SWITCHBACK_SLOT_B &&
              to_c(SlotId::golden) == SWITCHBACK_SLOT_GOLDEN);
static_assert(sizeof(switchback_key::point) == sizeof(PublicKey));

/// What the constructor relies on.
bool has_parts(const switchback_config& config) {
    if (config.parts == nullptr || config.part_count == 0 || config.part_count > SWITCHBACK_MAX_PARTS) return false;
    const std::span<const switchback_flash> parts(config.parts, config.part_count);
    return std::ranges::all_of(parts, CallbackFlash::accepts) && config.crypto != nullptr &&
           CallbackCrypto::accepts(*config.crypto);
}

}  // namespace

Device::Device(const switchback_config& config)
    : supply_(config.supply_low, config.supply_context),
      crypto_(*config.crypto),
      map_{},
      mover_(config.mover),
      staging_(config.staging),
      max_block_bytes_(config.max_block_bytes != 0 ? config.max_block_bytes : usual_block_bytes),
      hardware_floor_(config.hardware_floor),
      tries_(config.tries != 0 ? config.tries : usual_tries),
      allow_downgrade_(config.allow_downgrade),
      accept_no_way_back_(config.accept_no_way_back),
      golden_below_floor_(config.golden_below_floor) {
    for (std::size_t i = 0; i < config.part_count; ++i) parts_[i].emplace(config.parts[i], supply_);
    copy(vendor_, config.vendor);
    copy(device_class_, config.device_class);
}

bool Device::take(const switchback_config& config) {
    std::array<PartViews, SWITCHBACK_MAX_PARTS> views{};
    for (std::size_t i = 0; i < config.part_count; ++i) views[i] = {&parts_[i]->sparing, &parts_[i]->flash};
    return make_map(config.map, {views.data(), config.part_count}, map_) && take_grants(config) && take_terms(config);
}

bool Device::take_grants(const switchback_config& config) {
    if (config.grant_count > SWITCHBACK_MAX_DECODERS || (config.grants == nullptr && config.grant_count != 0))
        return false;
    for (std::size_t i = 0; i < config.grant_count; ++i) {
        const switchback_grant& grant = config.grants[i];
        if (grant.decoder == nullptr || !decoders_.add(*grant.decoder)) return false;
        offers_[i] = {grant.decoder->entry.format, grant.memory_bytes};
    }
    return true;
}

/// Keys and what the scheme wants to run from.
bool Device::take_terms(const switchback_config& config) {
    if (config.keys == nullptr || config.key_count == 0 || config.key_count > SWITCHBACK_MAX_KEYS) return false;
    if (max_block_bytes_ < min_block_data_bytes || max_block_bytes_ > max_block_data_bytes) return false;
    if (config.ram != nullptr) {
        if (!is_range(config.ram, map_.ram_bytes)) return false;
        ram_ = bytes_of(config.ram, map_.ram_bytes);
    }
    for (std::size_t i = 0; i < config.key_count; ++i) {
        copy(keys_[i].key, config.keys[i].point);
        keys_[i].hash = key_hash(crypto_, keys_[i].key);
    }
    key_count_ = static_cast<std::uint8_t>(config.key_count);
    return true;
}

Result<void> Device::open_journal() {
    opened_ = journal_.emplace(map_.journal).open();
    had_record_ = opened_ && journal_->state().boot.layout_crc == map_.layout_crc;
    return knows_journal() ? Result<void>{} : opened_;
}

std::uint32_t Device::largest_grant() const {
    std::uint32_t largest = 0;
    for (std::size_t i = 0; i < decoders_.all().size(); ++i) largest = std::max(largest, offers_[i].ram_bytes);
    return largest;
}

InstallDevice Device::install_device(std::optional<SlotId> running) {
    return {.map = map_,
            .crypto = crypto_,
            .keys = keys(),
            .vendor = vendor_,
            .device_class = device_class_,
            .decoders = decoders_.all(),
            .offers = {offers_.data(), decoders_.all().size()},
            .max_block_bytes = max_block_bytes_,
            .hardware_floor = hardware_floor_,
            .tries = tries_,
            .allow_downgrade = allow_downgrade_,
            .patches = staging_ == nullptr ? nullptr : staging_->staging,
            .accept_no_way_back = accept_no_way_back_,
            .golden_below_floor = golden_below_floor_,
            .running = running,
            .supply = &supply_};
}

BootDevice Device::boot_device(MutableBytes scratch) {
    return {.map = map_,
            .crypto = crypto_,
            .keys = keys(),
            .scratch = scratch,
            .tries = tries_,
            .hardware_floor = hardware_floor_,
            .golden_below_floor = golden_below_floor_,
            .supply = &supply_};
}

}  // namespace sb::capi

extern "C" switchback_result switchback_open(switchback_device* device, const switchback_config* config) {
    using namespace sb::capi;
    if (!HousedDevice::has_room(device)) return SWITCHBACK_BAD_ARGUMENT;
    HousedDevice::end(device);
    if (config == nullptr || !has_parts(*config)) return SWITCHBACK_BAD_ARGUMENT;
    Device& made = HousedDevice::begin(device, *config);
    if (made.take(*config)) return to_c(made.open_journal());
    HousedDevice::end(device);
    return SWITCHBACK_BAD_ARGUMENT;
}
