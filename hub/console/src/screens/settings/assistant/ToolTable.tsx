/** What the assistant may do, for whom, and whether by itself. */

import { type AssistantTool, NEEDS, type Rule, RULES } from "../../../assistant";
import { step } from "../../../assurance";
import { Icon } from "../../../kit/Icon";
import { Ladder } from "../../../kit/Ladder";
import { Menu } from "../../../kit/Menu";
import { Status } from "../../../kit/Status";
import type { Part } from "./KillSwitch";

export function ToolTable({ saved, may, keep }: Part) {
  const choose = (tool: AssistantTool, rule: Rule): void => {
    const rules = { ...saved.rules, [tool.name]: rule };
    if (rule !== tool.rule) void keep({ rules }, `${tool.title}: ${RULES[rule].word.toLowerCase()}, from the next answer on.`);
  };
  return (
    <section class="card sc flushc" aria-label="What it may do">
      <div class="ch">
        <div class="grow">
          <h3>What it may do</h3>
          <p>The server adds the customer. The assistant can never name one.</p>
        </div>
      </div>
      <div class="tscroll" tabIndex={0} role="region" aria-label="Tools">
        <table class="tbl flush tools-t">
          <thead>
            <tr>
              <th scope="col">Tool</th>
              <th scope="col">Needs at least</th>
              <th scope="col">By itself?</th>
              <th scope="col">Limit</th>
            </tr>
          </thead>
          <tbody>
            {saved.tools.map((tool) => (
              <tr key={tool.name}>
                <td title={tool.description}>
                  <span class="mono">{tool.name}</span>
                  <span class="muted">{tool.title}</span>
                </td>
                <td>
                  <span class="flex">
                    <Ladder level={step(tool.needs).level} />
                    <span>{NEEDS[tool.needs] ?? tool.needs}</span>
                  </span>
                </td>
                <td>
                  <RuleMenu tool={tool} may={may} choose={choose} />
                </td>
                <td class="muted lim">{tool.limit}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface RuleProps {
  tool: AssistantTool;
  may: boolean;
  choose: (tool: AssistantTool, rule: Rule) => void;
}

/** A visitor always gets a person. */
const FIXED = "hand_over";

const ALL: readonly Rule[] = ["answers", "asks", "never"];

function RuleMenu({ tool, may, choose }: RuleProps) {
  const look = RULES[tool.rule];
  if (!may || tool.name === FIXED) return <Status look={look} bare />;
  return (
    <Menu
      class="chip"
      label={`${tool.title}: ${look.word}`}
      items={ALL.map((rule) => ({
        label: `${RULES[rule].word}, ${RULES[rule].means}`,
        icon: RULES[rule].glyph,
        checked: rule === tool.rule,
        pick: () => choose(tool, rule),
      }))}
      button={
        <>
          <Status look={look} bare />
          <Icon name="down" size={14} />
        </>
      }
    />
  );
}
