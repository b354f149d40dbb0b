import { describe, expect, it } from "vitest";
import { compare, judgeAmount, judgePercent, type Offer, type Policy, used } from "../src/discounts";
import { changes, problems, toForm } from "../src/policy-form";

const euros = (minor: number) => ({ minor, currency: "EUR", text: (minor / 100).toFixed(2) });

const offer = (change: Partial<Offer> = {}): Offer => ({
  connections: [{ id: "con_1", title: "Kestrel & Clay" }],
  ceiling_percent: "25",
  approval_above_percent: "15",
  ceiling_amount: euros(5000),
  approval_above_amount: euros(2500),
  currency: "EUR",
  minimum: euros(4000),
  valid_days: 7,
  codes_today: 8,
  codes_limit: 10,
  left_today: 2,
  customer_name: "Amara Okafor",
  bound: true,
  needs_approval: true,
  refused: "",
  ...change,
});

const policy: Policy = {
  highest_percent: "25",
  approval_percent: "15",
  currency: "EUR",
  highest_amount: euros(5000),
  approval_amount: euros(2500),
  minimum: null,
  valid_days: 7,
  per_customer: 1,
  per_customer_days: 30,
  per_conversation: 1,
  codes_a_day: 10,
  value_a_day: euros(20000),
  assistant: false,
  refund_limit: null,
  stopped: false,
  updated_at: null,
  updated_by: "",
};

describe("X2 the policy is said before the hub says it", () => {
  it.each([
    ["15", "issue"],
    ["15.01", "ask"],
    ["25", "ask"],
    ["25.00", "ask"],
    ["25.01", "no"],
    ["0", "no"],
    ["12,5", "issue"],
    ["abc", "no"],
    ["1e1", "no"],
    ["-5", "no"],
  ])("X2: %s%% → %s", (typed, may) => expect(judgePercent(typed, offer()).may).toBe(may));

  it("A9: an admin asks nobody, and passes the ceiling no more than anyone", () => {
    expect(judgePercent("25", offer({ needs_approval: false })).may).toBe("issue");
    expect(judgePercent("26", offer({ needs_approval: false })).may).toBe("no");
  });

  it("X2: amounts are judged in minor units", () => {
    expect(judgeAmount(2500, offer()).may).toBe("issue");
    expect(judgeAmount(2501, offer()).may).toBe("ask");
    expect(judgeAmount(5001, offer()).may).toBe("no");
    expect(judgeAmount(null, offer()).may).toBe("no");
    expect(judgeAmount(5000, offer({ approval_above_amount: null })).may).toBe("issue"); // no limit of its own
    expect(judgeAmount(1, offer({ approval_above_amount: euros(0) })).may).toBe("ask");
  });

  it("X2: decimals are compared exactly", () => {
    expect(compare("0.3", "0.30")).toBe(0);
    expect(compare("9.99", "10")).toBe(-1);
    expect(compare("100", "99.999999")).toBe(1);
  });
});

describe("X3 a budget shows what is used of it", () => {
  it.each([
    [0, 10, 0, ""],
    [7, 10, 0.7, ""],
    [8, 10, 0.8, "warn"],
    [10, 10, 1, "full"],
    [12, 10, 1, "full"],
    [0, 0, 1, "full"],
  ])("X3: %i of %i", (part, whole, share, look) => expect(used(part, whole)).toEqual({ share, look }));
});

describe("X2 the policy form sends what changed, exactly", () => {
  const saved = toForm(policy);

  it("X2: nothing changed, nothing sent", () => expect(changes(saved, { ...saved })).toEqual({}));

  it("X2: amounts go as text, counts as numbers, nothing as null", () => {
    const form = { ...saved, highest_amount: "60,00", value_a_day: "", codes_a_day: "12", highest_percent: "30", assistant: true, refund_limit: "" };
    expect(changes(saved, form)).toEqual({
      highest_amount: "60.00",
      value_a_day: null,
      codes_a_day: 12,
      highest_percent: "30",
      assistant: true,
    });
    expect(changes({ ...saved, refund_limit: "50.00" }, { ...saved, refund_limit: "" })).toEqual({ refund_limit: "0" });
    expect(changes(saved, { ...saved, currency: "usd" })).toEqual({ currency: "USD" });
  });

  it("X2: what cannot be is said at the field", () => {
    const wrong = problems({ ...saved, highest_percent: "101", codes_a_day: "1.5", minimum: "4.005", currency: "EURO" });
    expect(Object.keys(wrong).sort()).toEqual(["codes_a_day", "currency", "highest_percent", "minimum"]);
    expect(problems(saved)).toEqual({});
    expect(problems({ ...saved, currency: "JPY", highest_amount: "500.5" }).highest_amount).toBe("JPY has no decimals.");
  });
});
