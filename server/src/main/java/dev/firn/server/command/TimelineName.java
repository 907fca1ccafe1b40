package dev.firn.server.command;

import dev.firn.server.attachment.Attachment;
import dev.firn.server.home.UpRecord;
import java.nio.file.Path;

/**
 * Which timeline a command means by a name. A name means the timeline that is called so, with one exception: {@code main}, which is what
 * commands take when they are told nothing, is also the system's own Postgres as long as there is no timeline of that name.
 */
final class TimelineName {
    private TimelineName() {}

    /** What is remembered of a timeline (a branch's parent) is this, and never the other name. */
    static String resolve(final Path directory, final String name) {
        if (!name.equals(AttachCommand.DEFAULT_NAME)) {
            return name;
        }
        return UpRecord.read(directory.toAbsolutePath().normalize())
                .filter(system -> system.process().alive())
                .map(system -> new RunningQuorum(system, directory))
                .filter(quorum -> quorum.timeline(name).isEmpty()
                        && quorum.timeline(Attachment.OWN).isPresent())
                .map(_ -> Attachment.OWN)
                .orElse(name);
    }
}
