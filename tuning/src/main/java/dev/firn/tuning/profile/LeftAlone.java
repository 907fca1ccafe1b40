package dev.firn.tuning.profile;

import java.util.List;

/** What guides for such hosts often set, and why Firn does not: shown, so that nobody has to wonder. */
final class LeftAlone {
    private LeftAlone() {}

    static List<Setting> settings() {
        return List.of(
                Setting.sysctl("fs.aio-max-nr", "unchanged", "Bounds the events of io_setup(2).")
                        .unless("neither Firn nor Postgres uses Linux AIO, and io_uring does not count against it"),
                Setting.bootParameter(
                                "nvme.poll_queues",
                                "unchanged",
                                "Gives NVMe queues without interrupts to polled rings.")
                        .unless("Firn's rings wait for completions; queues set apart for polling would stand idle"),
                Setting.sysfs(
                                "nvme.queue-interrupts",
                                "/proc/irq/*/smp_affinity_list",
                                Match.EXACT,
                                "unchanged",
                                "Chooses the cores that take the drives' interrupts.")
                        .unless("the kernel spreads NVMe queues one a core and refuses writes here;"
                                + " isolcpus=managed_irq"
                                + " is the way"),
                Setting.file("irqbalance", "/etc/default/irqbalance", "unchanged", "Spreads the other interrupts.")
                        .unless("irqbalance keeps off isolated and tickless cores by itself"));
    }
}
