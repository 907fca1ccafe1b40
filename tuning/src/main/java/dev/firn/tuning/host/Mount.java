package dev.firn.tuning.host;

import java.util.List;

/**
 * One line of {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)).
 *
 * @param device {@code major:minor} of the file system.
 * @param point where it is mounted.
 * @param options options of this mount.
 * @param fileSystem the type, for example {@code ext4}.
 * @param source what is mounted, for example {@code /dev/nvme0n1p2}.
 * @param superOptions options of the file system itself.
 */
public record Mount(
        String device,
        String point,
        List<String> options,
        String fileSystem,
        String source,
        List<String> superOptions) {
    public Mount {
        options = List.copyOf(options);
        superOptions = List.copyOf(superOptions);
    }

    public boolean isReadOnly() {
        return options.contains("ro") || superOptions.contains("ro");
    }
}
