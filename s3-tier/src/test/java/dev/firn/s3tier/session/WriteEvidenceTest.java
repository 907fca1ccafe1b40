package dev.firn.s3tier.session;

import static dev.firn.s3tier.session.WriteEvidence.Verdict.LOST;
import static dev.firn.s3tier.session.WriteEvidence.Verdict.NOT_YET;
import static dev.firn.s3tier.session.WriteEvidence.Verdict.NO_TRACE;
import static dev.firn.s3tier.session.WriteEvidence.Verdict.OVERTAKEN;
import static dev.firn.s3tier.session.WriteEvidence.Verdict.WON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.s3tier.backend.AttemptResult.ObjectFound;
import dev.firn.s3tier.session.WriteEvidence.Verdict;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.s3tier.store.WriteStamp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of docs/decisions/2026-11-21-whose-write-won.md, row by row. */
class WriteEvidenceTest {
    private static final String OURS = "a".repeat(32);
    private static final String OLD = "b".repeat(32);
    private static final String OTHER = "c".repeat(32);
    private static final String THIRD = "d".repeat(32);

    private static final WriteCondition CREATE = WriteCondition.IF_ABSENT;
    private static final WriteCondition REPLACE =
            WriteCondition.ifVersion(new ObjectVersion("\"old\"", WriteStamp.created(OLD)));
    private static final WriteCondition REPLACE_UNNAMED =
            WriteCondition.ifVersion(new ObjectVersion("\"old\"", WriteStamp.NONE));

    private static ObjectFound found(final String etag, final boolean complete, final String... writes) {
        return new ObjectFound(1, 0, etag, new WriteStamp(List.of(writes), complete));
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of("create, own name first", CREATE, found("\"1\"", true, OURS), WON),
                Arguments.of("create, replaced since", CREATE, found("\"1\"", true, OTHER, OURS), OVERTAKEN),
                Arguments.of(
                        "create, replaced so often that the list was cut",
                        CREATE,
                        found("\"1\"", false, OTHER, OURS),
                        OVERTAKEN),
                Arguments.of("create, nothing there", CREATE, null, NOT_YET),
                Arguments.of("create, another created it", CREATE, found("\"1\"", true, OTHER), LOST),
                Arguments.of(
                        "create, another created and a third replaced it",
                        CREATE,
                        found("\"1\"", true, THIRD, OTHER),
                        LOST),
                Arguments.of("create, overwritten without a condition", CREATE, found("\"1\"", false, OTHER), NO_TRACE),
                Arguments.of("create, written by something else", CREATE, found("\"1\"", false), NO_TRACE),
                Arguments.of("replace, own name first", REPLACE, found("\"1\"", true, OURS, OLD), WON),
                Arguments.of("replace, replaced since", REPLACE, found("\"1\"", true, OTHER, OURS, OLD), OVERTAKEN),
                Arguments.of("replace, still the old one", REPLACE, found("\"old\"", true, OLD), NOT_YET),
                Arguments.of("replace, another replaced it", REPLACE, found("\"1\"", true, OTHER, OLD), LOST),
                Arguments.of(
                        "replace, another replaced it, list cut behind",
                        REPLACE,
                        found("\"1\"", false, OTHER, OLD),
                        LOST),
                Arguments.of("replace, deleted", REPLACE, null, NO_TRACE),
                Arguments.of("replace, deleted and created anew", REPLACE, found("\"1\"", true, OTHER), NO_TRACE),
                Arguments.of(
                        "replace, overwritten without a condition", REPLACE, found("\"1\"", false, OTHER), NO_TRACE),
                Arguments.of(
                        "replace of an unnamed one, own name first", REPLACE_UNNAMED, found("\"1\"", false, OURS), WON),
                Arguments.of(
                        "replace of an unnamed one, still there", REPLACE_UNNAMED, found("\"old\"", false), NOT_YET),
                Arguments.of(
                        "replace of an unnamed one, all names known",
                        REPLACE_UNNAMED,
                        found("\"1\"", true, OTHER, OLD),
                        LOST),
                Arguments.of(
                        "replace of an unnamed one, some names known",
                        REPLACE_UNNAMED,
                        found("\"1\"", false, OTHER),
                        NO_TRACE),
                Arguments.of("overwrite, own name first", WriteCondition.ALWAYS, found("\"1\"", false, OURS), WON),
                Arguments.of(
                        "overwrite, replaced since",
                        WriteCondition.ALWAYS,
                        found("\"1\"", false, OTHER, OURS),
                        OVERTAKEN),
                Arguments.of(
                        "overwrite, something else", WriteCondition.ALWAYS, found("\"1\"", false, OTHER), NO_TRACE),
                Arguments.of("overwrite, nothing", WriteCondition.ALWAYS, null, NO_TRACE));
    }

    @ParameterizedTest(name = "{0}: {3}")
    @MethodSource("cases")
    void shouldJudge(
            final String name, final WriteCondition condition, final ObjectFound found, final Verdict verdict) {
        assertThat(WriteEvidence.judge(condition, OURS, found)).as(name).isEqualTo(verdict);
    }
}
