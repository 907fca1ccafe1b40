package dev.firn.tuning.host;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One whole disk as sysfs shows it (Documentation/ABI/stable/sysfs-block).
 *
 * <p>Attributes are read when asked for: they change while the host runs.
 */
public final class BlockDevice {
    private final SystemTree tree;
    private final String name;
    private final String directory;

    BlockDevice(final SystemTree tree, final String directory) {
        this.tree = tree;
        this.directory = directory;
        this.name = directory.substring(directory.lastIndexOf('/') + 1);
    }

    /** For example {@code nvme0n1}. */
    public String name() {
        return name;
    }

    public boolean isNvme() {
        return name.startsWith("nvme");
    }

    /** A disk that a hypervisor makes up: what it says of itself is what the hypervisor chose to say. */
    public boolean isVirtual() {
        return name.startsWith("vd") || name.startsWith("xvd") || directory.contains("/virtio");
    }

    public Optional<String> attribute(final String attribute) {
        return tree.read(directory + "/" + attribute);
    }

    public OptionalLong number(final String attribute) {
        return tree.readLong(directory + "/" + attribute);
    }

    /** The chosen one of an attribute that lists its choices, {@code [none] mq-deadline}. */
    public Optional<String> choice(final String attribute) {
        return attribute(attribute).map(Choices::chosen);
    }

    public List<String> choices(final String attribute) {
        return attribute(attribute).map(Choices::all).orElse(List.of());
    }

    /** The model as the device says it; empty for most virtual disks. */
    public String model() {
        return attribute("device/model").orElse("");
    }

    /** The NUMA node that the device hangs on, or -1. NVMe keeps it one level up, at the controller's PCI function. */
    public int numaNode() {
        final OptionalLong own = number("device/numa_node");
        return (int) (own.isPresent() ? own : number("device/device/numa_node")).orElse(-1);
    }
}
