/**
 * The simulated store: what S3 promises, and nothing more, on native's simulation.
 *
 * <p>{@link dev.firn.s3tier.simulation.SimulatedStore} first, for the fault model and for how a host gets its way in; then
 * {@link dev.firn.s3tier.simulation.StoreFaults} and {@link dev.firn.s3tier.simulation.StoreFault}.
 *
 * <p><b>Owner:</b> the thread that built the {@link dev.firn.nativeio.simulation.Simulation}; there are no others. One
 * request is one {@code Journey}: sent, takes effect in {@code ObjectServer} at one instant, answered.
 *
 * <p><b>Invariants:</b> everything that is open is drawn from the simulation's seed; a fault is counted when it happens; what
 * the server holds changes at virtual instants only, whole, and outlives the hosts that use it.
 */
package dev.firn.s3tier.simulation;
