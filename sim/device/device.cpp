#include "sim/device/device.hpp"

#include <algorithm>

#include "core/boot/all_movers.hpp"
#include "core/boot/application.hpp"
#include "core/delta/all_decoders.hpp"
#include "core/install/rewrite_mover.hpp"
#include "core/install/undo_mover.hpp"
#include "tools/layout/bootloader.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/image_set.hpp"
#include "tools/pack/device_class.hpp"

namespace sb::sim {
namespace {

constexpr std::size_t scratch_bytes = 4096;

}  // namespace

Device::Device(layout::Layout layout, Identity identity, std::vector<TrustedKey> keys)
    : layout_(std::move(layout)),
      identity_(std::move(identity)),
      keys_(std::move(keys)),
      battery_(layout_.low_battery_millivolts),
      scratch_(scratch_bytes),
      ram_(layout_.load ? layout_.load->bytes : 0),
      ram_image_(ram_) {
    std::vector<Flash*> bare;
    std::vector<Flash*> sparing;
    for (const layout::Part& part : layout_.parts) {
        if (part.is_set()) {
            bare.push_back(nullptr);  // the journal stands in none
            sparing.push_back(&joined_.emplace_back(geometry_of(part), layout::pieces_of(part, sparing)));
            continue;
        }
        parts_.push_back(std::make_unique<NorFlash>(part.geometry, part.erase_map));
        parts_.back()->on_operation = [this, i = parts_.size() - 1](auto, auto, auto) { before_operation(i); };
        bare.push_back(parts_.back().get());
        sparing.push_back(&sparing_.emplace_back(*parts_.back(), battery_));
    }
    map_ = layout::flash_map(layout_, sparing);
    const layout::RegionSpec& journal = *layout_.region("journal");
    if (layout_.bootloader_updatable) {
        const layout::Layout own = layout::bootloader_layout(layout_);
        bootloader_map_ = layout::flash_map(own, sparing);
    }
    map_.journal = Region(*bare[journal.part], journal.offset, journal.bytes);
}

void Device::lower_supply() {
    if (operations_to_drop_ == 0) return;
    --operations_to_drop_;
    if (operations_to_drop_ == 0) battery_.millivolts = dropped_millivolts_;
}

void Device::drop_supply_at(std::uint64_t at, std::uint32_t millivolts) {
    operations_to_drop_ = at;
    dropped_millivolts_ = millivolts;
}

void Device::before_operation(std::size_t part) {
    lower_supply();
    if (!cut_ || cut_struck_ || --operations_to_cut_ != 0) return;
    cut_struck_ = true;
    PowerCut now = *cut_;
    now.at_operation = 1;
    for (std::size_t i = 0; i < parts_.size(); ++i)
        if (i != part) parts_[i]->power_off();
    parts_[part]->arm(now);
}

void Device::cut_power_at(const PowerCut& cut) {
    cut_ = cut;
    operations_to_cut_ = cut.at_operation;
    cut_struck_ = false;
}

void Device::forget_if_cut() {
    if (cut_struck_) running_.reset();
}

void Device::keep_power() {
    cut_.reset();
    cut_struck_ = false;
}

std::uint64_t Device::operations() const {
    std::uint64_t sum = 0;
    for (const auto& part : parts_) sum += part->operations();
    return sum;
}

InstallDevice Device::install_device(std::optional<SlotId> running) {
    return {.map = map_,
            .crypto = crypto_,
            .keys = keys_,
            .vendor = identity_.vendor,
            .device_class = identity_.device_class,
            .decoders = all_decoders,  // the layout says which of them the device offers
            .offers = layout_.decoders,
            .max_block_bytes = layout_.max_block_bytes,
            .tries = layout_.tries,
            .allow_downgrade = layout_.allow_downgrade,
            .patches = map_.patch.valid() || map_.scheme == Scheme::copy ? &patch_staging : nullptr,
            .accept_no_way_back = layout_.accept_no_way_back,
            .golden_below_floor = layout_.golden_below_floor,
            .running = running,
            .supply = &battery_};
}

InstallDevice Device::bootloader_install_device(SlotId running) {
    InstallDevice facts = install_device(running);
    const auto ids = pack::class_ids(identity_.class_name + std::string(layout::bootloader_class_suffix));
    return {.map = *bootloader_map_,
            .crypto = facts.crypto,
            .keys = facts.keys,
            .vendor = ids ? ids->vendor : Uuid{},
            .device_class = ids ? ids->device_class : Uuid{},
            .decoders = facts.decoders,
            .offers = facts.offers,
            .max_block_bytes = facts.max_block_bytes,
            .allow_downgrade = facts.allow_downgrade,
            .running = running,
            .supply = facts.supply};
}

std::optional<SlotId> Device::bootloader_copy() const {
    return choose_bootloader({bootloader_map_->slots[0].region, bootloader_map_->slots[1].region});
}

MutableBytes Device::work() {
    std::uint32_t largest = 0;
    for (const DecoderOffer& offer : layout_.decoders) largest = std::max(largest, offer.ram_bytes);
    work_.resize((install_work_bytes(layout_.max_block_bytes, largest) + 7) / 8);
    return {reinterpret_cast<std::uint8_t*>(work_.data()), work_.size() * sizeof(std::uint64_t)};
}

BootDevice Device::boot_device() {
    return {.map = map_,
            .crypto = crypto_,
            .keys = keys_,
            .scratch = scratch_,
            .tries = layout_.tries,
            .golden_below_floor = layout_.golden_below_floor,
            .supply = &battery_,
            .ram = layout_.load ? &ram_image_ : nullptr};
}

Result<VerifiedImage> Device::check(SlotId slot, Phase phase) {
    return check_slot(map_, slot, phase, crypto_, keys_, scratch_);
}

BootReport Device::reset() {
    running_.reset();
    for (const auto& part : parts_) part->power_on();
    if (bootloader_map_ && !bootloader_copy()) return {.cause = Error::nothing_bootable, .recorded = false};
    Journal journal(map_.journal);
    const InstallDevice facts = install_device(std::nullopt);
    std::optional<Marks> marks;
    std::optional<RewriteMover> rewrite_mover;
    const UndoMover undo_mover(facts, work());
    BootDevice device = boot_device();
    device.mover = &mover_for(map_.scheme);
    if (has_one_slot(map_.scheme) && map_.patch.valid())
        device.mover = &rewrite_mover.emplace(facts, work(), marks.emplace(map_));
    if (map_.scheme == Scheme::copy) device.mover = &undo_mover;
    const BootReport report = boot(journal, device);
    if (!cut_struck_)
        set_running(Running{report.slot, report.decision, report.cause, report.state.phase == Phase::trial});
    return report;
}

/// As a port does before it jumps. Update mode is the bootloader's: nothing is locked.
void Device::set_running(std::optional<Running> running) {
    running_ = running;
    for (const auto& part : parts_) part->unlock();
    if (!running || !running->slot) return;
    const Locks locks{*running->slot, running->on_trial};
    lock("boot");  // of two copies of a bootloader none: an application brings new ones, and seals the one that runs
    if (locks.locks(SlotId::a)) lock("slot_a");
    if (locks.locks(SlotId::b)) lock("slot_b");
    lock("golden");
    if (locks.locks_patch(map_.scheme)) lock("patch");
}

/// All that the layout gives to the region, in whichever parts; nothing where there is none.
void Device::lock(std::string_view name) {
    const layout::RegionSpec* const region = layout_.region(name);
    if (region == nullptr) return;
    for (const layout::Extent& extent : layout::extents_of(layout_, *region))
        parts_[extent.part]->lock(static_cast<std::uint32_t>(extent.from),
                                  static_cast<std::uint32_t>(extent.to - extent.from), region->name.c_str());
}

bool Device::waits_for_reset() {
    if (!running_ || !running_->slot || !running_->on_trial) return false;
    Journal journal(map_.journal);
    return journal.open() && journal.state().boot.phase != Phase::trial;
}

Result<void> Device::confirm() {
    if (!running_ || !running_->slot) return fail(Error::not_running);
    SB_TRY_ASSIGN(const VerifiedImage image, check(*running_->slot));
    Journal journal(map_.journal);
    SB_TRY(journal.open());
    return sb::confirm(journal, *running_->slot, image);
}

template <class Act>
Result<void> Device::with_journal(Act act) {
    if (!running_) return fail(Error::not_running);
    Journal journal(map_.journal);
    SB_TRY(journal.open());
    return act(journal);
}

Result<void> Device::ask_for_factory_reset(bool keep_data) {
    return with_journal([&](Journal& journal) { return request_factory_reset(journal, keep_data); });
}

Result<void> Device::ask_for_update_mode() {
    return with_journal([](Journal& journal) { return request_update_mode(journal); });
}

Result<void> Device::leave_update_mode() {
    return with_journal([](Journal& journal) { return sb::leave_update_mode(journal); });
}

Result<void> Device::register_data_format(std::uint8_t format) {
    return with_journal([&](Journal& journal) { return sb::register_data_format(journal, format); });
}

}  // namespace sb::sim
