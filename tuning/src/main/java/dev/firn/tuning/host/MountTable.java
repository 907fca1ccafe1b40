package dev.firn.tuning.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The mounts that this process sees. */
public record MountTable(List<Mount> mounts) {
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    public MountTable {
        mounts = List.copyOf(mounts);
    }

    public static MountTable read(final SystemTree tree) {
        final List<Mount> mounts = new ArrayList<>();
        for (final String line : tree.readLines("/proc/self/mountinfo")) {
            parse(line).ifPresent(mounts::add);
        }
        return new MountTable(mounts);
    }

    /** The mount that holds this absolute name; of two on the same point the later one hides the earlier. */
    public Optional<Mount> holding(final String name) {
        final Path path = Path.of(name);
        Mount best = null;
        for (final Mount mount : mounts) {
            final boolean holds = path.startsWith(mount.point());
            if (holds && (best == null || mount.point().length() >= best.point().length())) {
                best = mount;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Six fixed fields, optional fields, a lone hyphen, then type, source and super options. */
    private static Optional<Mount> parse(final String line) {
        final int separator = line.indexOf(" - ");
        if (separator < 0) {
            return Optional.empty();
        }
        final String[] left = line.substring(0, separator).split(" ", -1);
        final String[] right = line.substring(separator + 3).split(" ", -1);
        if (left.length < 6 || right.length < 3) {
            return Optional.empty();
        }
        return Optional.of(new Mount(
                left[2],
                unescape(left[4]),
                List.of(left[5].split(",", -1)),
                right[0],
                unescape(right[1]),
                List.of(right[2].split(",", -1))));
    }

    private static String unescape(final String text) {
        return OCTAL.matcher(text)
                .replaceAll(
                        match -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 8))));
    }
}
