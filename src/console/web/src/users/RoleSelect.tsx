import { Select } from 'antd';

import { ROLES } from './roles';
import { useTexts } from './texts';

/** One or more roles. `id`, `value` and `onChange` come from the form. */
export function RoleSelect({ id, value, onChange }: { id?: string; value?: string[]; onChange?: (roles: string[]) => void }) {
  const t = useTexts();
  return (
    <Select
      mode="multiple"
      {...(id === undefined ? {} : { id })}
      value={value ?? []}
      onChange={(roles: string[]) => onChange?.(roles)}
      options={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
    />
  );
}
