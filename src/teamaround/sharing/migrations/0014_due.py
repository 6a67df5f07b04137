"""What falls due about sharing, read under the reader's own policies."""

from django.db import migrations

from teamaround.database.operations import Invoker

# A question or opening that only some may see is asked for only where the caller is one of them.
DUE = """
create function app.sharing_due(who int, in_teams int[], today date, renewal int, review int, governs boolean, most int)
returns json language plpgsql stable as $$
declare ours json; emergencies json; asked json;
begin
    ours := (select coalesce(json_agg(f), '[]') from (
        (select 'consent' as what, b.uuid, p.uuid as person, p.subject_id, trim(p.given || ' ' || p.family_name) as name,
            trim(g.given || ' ' || g.family_name) as giver, (b.valid_until at time zone 'Europe/London')::date as due
         from sharing_basis b join person p on p.subject_id = b.subject_id left join person g on g.subject_id = b.given_by_id
         where b.author_team_id = any (in_teams) and b.kind = 'consent' and b.withdrawn_at is null and b.wording_version <> ''
            and b.valid_until >= today - 28 and b.valid_until < today + renewal
            and not exists (select 1 from sharing_basis n where n.subject_id = b.subject_id and n.given_by_id = b.given_by_id
                            and n.kind = 'consent' and n.id > b.id)
         order by b.valid_until limit most)
        union all
        (select b.kind, b.uuid, p.uuid, p.subject_id, trim(p.given || ' ' || p.family_name), '', b.review_on
         from sharing_basis b join person p on p.subject_id = b.subject_id
         where b.author_team_id = any (in_teams) and b.kind in ('safeguarding', 'duty', 'vital') and b.withdrawn_at is null
            and b.review_on between today - 28 and today + review
         order by b.review_on limit most)
        union all
        (select 'shield', s.uuid, p.uuid, p.subject_id, trim(p.given || ' ' || p.family_name), '', s.review_on
         from sharing_shield s join person p on p.subject_id = s.subject_id
         where s.author_team_id = any (in_teams) and s.lifted_at is null and s.review_on <= today + review
         order by s.review_on limit most)
        union all
        (select distinct 'sixteen', p.uuid, p.uuid, p.subject_id, trim(p.given || ' ' || p.family_name), '',
            (p.date_of_birth + interval '16 years')::date
         from sharing_basis b join person p on p.subject_id = b.subject_id
         where b.author_team_id = any (in_teams) and b.kind = 'consent' and b.given_by_id <> b.subject_id
            and b.withdrawn_at is null and b.valid_until >= today and b.wording_version <> ''
            and p.date_of_birth + interval '16 years' between today and today + renewal
         limit most)
        union all
        (select 'answered', r.uuid, null, null, '', '', (r.answered_at at time zone 'Europe/London')::date
         from sharing_access_request r
         where r.author_team_id = any (in_teams) and r.recorded_by = who
            and r.answered_at > statement_timestamp() - interval '7 days'
         order by r.answered_at limit most)
    ) f);
    asked := (select coalesce(json_agg(f), '[]') from (
        select 'asked' as what, r.uuid, null::uuid as person, null::bigint as subject_id, t.name, '' as giver,
            (r.recorded_at at time zone 'Europe/London')::date as due
        from sharing_access_request r join team t on t.id = r.author_team_id
        where r.state = 'asked' and (r.answering_team_id = any (in_teams) or (governs and r.answering_team_id is null))
        order by r.recorded_at limit most) f);
    if governs then
        emergencies := (select json_agg(f) from (
            select 'break_glass' as what, b.uuid, null::uuid as person, b.subject_id, '' as name, '' as giver,
                (b.valid_from at time zone 'Europe/London')::date as due
            from sharing_basis b
            where b.kind = 'break_glass' and not exists (select 1 from sharing_break_glass_review r where r.basis_id = b.id)
            order by b.valid_from limit most) f);
    end if;
    return json_build_array(ours, coalesce(emergencies, '[]'), asked);
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0013_taken_back_by_its_giver")]
    operations = [Invoker("app.sharing_due(int, int[], date, int, int, boolean, int)", create=DUE)]
