package dev.firn.postgres.effect;

/** Applies what {@link EffectSink} tells of SLRU entries to their pages. */
public final class SlruRedo {
    private SlruRedo() {}
}
