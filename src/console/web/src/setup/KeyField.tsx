import { Form, Input, InputNumber, Select, Switch } from 'antd';

import { AgentsSelect } from './AgentsSelect';
import { NameSelect } from './NameSelect';
import { PromptSelect } from './PromptSelect';
import { choicesOf } from './document';
import type { Ask } from './kinds';
import type { KeyName } from './keyNames';
import { useTexts } from './texts';

/** Lengths as the configuration has them: `45s`, `1m 30s`, `2h`. */
const DURATION = /^\s*(\d+\s*(ms|s|m|min|h|d)\s*)+$/;

/** The field of one key. */
export function KeyField({ name, ask }: { name: KeyName; ask: Ask }) {
  const t = useTexts();
  return (
    <Form.Item
      name={['fields', name]}
      label={t(`key.${name}`)}
      tooltip={name}
      {...(ask === 'flag' ? { valuePropName: 'checked' } : {})}
      rules={ask === 'duration' ? [{ pattern: DURATION, message: t('durationWrong') }] : []}
    >
      <Asked ask={ask} />
    </Form.Item>
  );
}

/** The control; what the form gives it is passed on. */
function Asked({ ask, ...given }: { ask: Ask; id?: string; value?: never; onChange?: (value: unknown) => void }) {
  const t = useTexts();
  const choices = choicesOf(ask);
  if (choices) {
    const options = choices.map((value) => ({ value, label: t(`choice.${value}`) }));
    return <Select {...given} allowClear options={options} placeholder={t('byDefault')} />;
  }
  switch (ask) {
    case 'texts':
      return <Select {...given} mode="tags" open={false} suffix={null} tokenSeparators={[' ', ',', '，']} />;
    case 'number':
      return <InputNumber {...given} min={0} precision={0} placeholder={t('byDefault')} style={{ width: 160 }} />;
    case 'flag':
      return <Switch {...given} />;
    case 'duration':
      return <Input {...given} placeholder={t('durationExample')} style={{ width: 160 }} />;
    case 'password':
      return <Input.Password {...given} autoComplete="new-password" placeholder={t('passwordStays')} />;
    case 'prompt':
      return <PromptSelect {...given} />;
    case 'agents':
      return <AgentsSelect {...given} />;
    case 'queue':
    case 'calendar':
      return <NameSelect {...given} kind={ask} />;
    default:
      return <Input {...given} />;
  }
}
