#include "bench/cost/machine.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace sb::cost {
namespace {

constexpr std::uint32_t data_at = 0x20000000, data_bytes = 1 << 20;
constexpr std::uint32_t return_to = 0x20;  // in the first 64 bytes, where guest.ld has nothing
constexpr std::uint8_t paint = 0xa5;
constexpr std::uint64_t run_limit_microseconds = 300'000'000;  // of a decoder that hangs

void check(uc_err error, const char* what) {
    if (error != UC_ERR_OK) throw std::runtime_error(std::string(what) + ": " + uc_strerror(error));
}

/// Thumb code: whether an instruction that begins with this halfword has a second one.
bool is_wide(std::uint32_t halfword) {
    return halfword >> 11 >= 0x1d;
}

/// Counts how often each block is entered; which instructions it has is looked up once, by its place and length.
class BlockCounter {
public:
    BlockCounter(const Program& guest, uc_engine* engine)
        : engine_(engine), code_(guest.code()), blocks_(code_bytes / 2), helper_(code_bytes / 2) {
        for (std::uint32_t at = 0; at < code_bytes; at += 2) helper_[at / 2] = guest.is_helper(at);
    }

    void enter(std::uint64_t address, std::uint32_t bytes) {
        if (address >= code_bytes || bytes > code_bytes - address) {
            strange_ = true;
            return;
        }
        Block& block = blocks_[address / 2];
        if (block.bytes != bytes) {
            keep(static_cast<std::uint32_t>(address), block);
            block = {bytes, instructions_in(static_cast<std::uint32_t>(address), bytes), 0};
        }
        ++block.entered;
        if (helper_[address / 2])
            note_caller(block.instructions);
        else
            in_helper_ = false;
    }

    /// All that ran, by function.
    void finish(const Program& guest, Counted& to) {
        if (strange_) throw std::runtime_error("the guest ran what is not its code");
        for (std::uint32_t i = 0; i < blocks_.size(); ++i)
            if (blocks_[i].entered != 0) keep(i * 2, blocks_[i]);
        for (const auto& [address, count] : kept_) {
            to.functions[guest.function_at(address)] += count;
            to.places[address] = count;
            to.instructions += count;
        }
        for (const auto& [address, count] : asked_) to.helpers[guest.function_at(address)] += count;
    }

private:
    struct Block {
        std::uint32_t bytes = 0;
        std::uint32_t instructions = 0;
        std::uint64_t entered = 0;
    };

    /// What the compiler's and the C library's functions take is told by who called them, too.
    void note_caller(std::uint32_t instructions) {
        if (!in_helper_) {
            std::uint32_t back = 0;
            uc_reg_read(engine_, UC_ARM_REG_LR, &back);
            caller_ = &asked_[back & ~1U];
            in_helper_ = true;
        }
        *caller_ += instructions;
    }

    std::uint32_t instructions_in(std::uint32_t address, std::uint32_t bytes) const {
        std::uint32_t count = 0;
        for (std::uint32_t at = address; at < address + bytes; ++count) at += instruction_bytes(at);
        return count;
    }
    [[nodiscard]] std::uint32_t instruction_bytes(std::uint32_t at) const {
        return is_wide(code_[at] | static_cast<std::uint32_t>(code_[at + 1]) << 8) ? 4 : 2;
    }
    void keep(std::uint32_t address, const Block& block) {
        const std::uint32_t end = address + block.bytes;
        for (std::uint32_t at = address; at < end; at += instruction_bytes(at)) kept_[at] += block.entered;
    }

    uc_engine* engine_;
    const std::vector<std::uint8_t>& code_;
    std::vector<Block> blocks_;
    std::vector<bool> helper_;
    bool in_helper_ = false;
    std::uint64_t* caller_ = nullptr;
    std::map<std::uint32_t, std::uint64_t> asked_;  // by the place that a helper returns to
    std::map<std::uint32_t, std::uint64_t> kept_;
    bool strange_ = false;
};

void on_block(uc_engine*, std::uint64_t address, std::uint32_t bytes, void* counter) {
    static_cast<BlockCounter*>(counter)->enter(address, bytes);
}

std::uint32_t whole_pages(std::size_t bytes) {
    return static_cast<std::uint32_t>((bytes + 4095) / 4096 * 4096 + 4096);
}

class Machine {
public:
    explicit Machine(Core core) {
        uc_engine* made = nullptr;
        // with UC_MODE_MCLASS it would be a Cortex-M33, whatever is asked for
        check(uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &made), "unicorn");
        engine_.reset(made);
        check(uc_ctl_set_cpu_model(made, core == Core::m0 ? UC_CPU_ARM_CORTEX_M0 : UC_CPU_ARM_CORTEX_M4), "core");
    }

    void map(std::uint32_t at, std::size_t bytes, std::uint32_t rights) {
        check(uc_mem_map(engine_.get(), at, whole_pages(bytes), rights), "memory of the guest");
    }
    void write(std::uint32_t at, std::span<const std::uint8_t> bytes) {
        if (!bytes.empty()) check(uc_mem_write(engine_.get(), at, bytes.data(), bytes.size()), "memory of the guest");
    }
    void read(std::uint32_t at, std::span<std::uint8_t> to) {
        if (!to.empty()) check(uc_mem_read(engine_.get(), at, to.data(), to.size()), "memory of the guest");
    }
    void set(int name, std::uint32_t value) { check(uc_reg_write(engine_.get(), name, &value), "register"); }
    [[nodiscard]] uc_engine* get() const { return engine_.get(); }

private:
    struct Close {
        void operator()(uc_engine* engine) const { uc_close(engine); }
    };
    std::unique_ptr<uc_engine, Close> engine_;
};

void load(Machine& machine, const Program& guest) {
    machine.map(0, code_bytes - 4096, UC_PROT_READ | UC_PROT_EXEC);
    machine.map(data_at, data_bytes - 4096, UC_PROT_READ | UC_PROT_WRITE);
    machine.write(0, guest.code());
}

}  // namespace

Counted count_decoding(const Program& guest, Core core, std::span<const std::uint8_t> old_image,
                       std::span<const std::uint8_t> patch, std::uint32_t new_bytes) {
    Machine machine(core);
    load(machine, guest);
    machine.map(guest::old_image_at, old_image.size(), UC_PROT_READ);
    machine.write(guest::old_image_at, old_image);
    machine.map(guest::patch_at, patch.size(), UC_PROT_READ);
    machine.write(guest::patch_at, patch);
    machine.map(guest::new_image_at, new_bytes, UC_PROT_READ | UC_PROT_WRITE);

    const Symbol stack_place = guest.symbol("guest_stack");
    std::vector<std::uint8_t> stack(stack_place.bytes, paint);
    machine.write(stack_place.address, stack);
    const std::uint32_t job_at = guest.symbol("guest_job").address;
    Counted counted;
    counted.job.old_bytes = static_cast<std::uint32_t>(old_image.size());
    counted.job.patch_bytes = static_cast<std::uint32_t>(patch.size());
    counted.job.new_bytes = new_bytes;
    const std::span job_bytes(reinterpret_cast<std::uint8_t*>(&counted.job), sizeof counted.job);
    machine.write(job_at, job_bytes);

    BlockCounter counter(guest, machine.get());
    uc_hook hook = 0;
    check(uc_hook_add(machine.get(), &hook, UC_HOOK_BLOCK, reinterpret_cast<void*>(on_block), &counter,
                      std::uint64_t{1}, std::uint64_t{0}),
          "hook");
    machine.set(UC_ARM_REG_SP, stack_place.address + stack_place.bytes);
    machine.set(UC_ARM_REG_LR, return_to | 1U);
    check(uc_emu_start(machine.get(), guest.symbol("guest_main").address | 1U, return_to, run_limit_microseconds, 0),
          "the guest failed");

    machine.read(job_at, job_bytes);
    counter.finish(guest, counted);
    machine.read(stack_place.address, stack);
    const auto deepest = std::ranges::find_if(stack, [](std::uint8_t byte) { return byte != paint; });
    if (deepest == stack.begin()) throw std::runtime_error("the guest needs a larger stack");
    counted.stack_bytes = static_cast<std::uint32_t>(stack.end() - deepest);
    counted.made.resize(std::min(counted.job.produced, new_bytes));
    machine.read(guest::new_image_at, counted.made);
    return counted;
}

}  // namespace sb::cost
