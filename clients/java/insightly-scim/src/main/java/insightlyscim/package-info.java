/**
 * Emulated Insightly accounts for tests of what provisions users: {@link insightlyscim.Insightly} is one account,
 * {@link insightlyscim.InsightlyExtension} gives each JUnit test one of its own.
 */
package insightlyscim;
